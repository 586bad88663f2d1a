"""Write the emails about accounts, which the worker sends.

All have the same parts: a sentence or two, and for some a button. Security notices also say from
which address somebody acted.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from smscenter import mail_queue, moments
from smscenter.accounts.models import AccountMail
from smscenter.mail_queue import one_line

# Of one kind to one address in an hour, so that no one can flood somebody's mailbox. The links of
# earlier ones still work.
MOST_AN_HOUR = 5
HOUR = timedelta(hours=1)
NOT_YOU = "If this wasn't you, reset your password now, and tell your administrator."
SECURITY = "mfa_index"


@dataclass(frozen=True)
class Letter:
    """The words of a mail. `link` names the context's URL, and `page` a page of ours."""

    subject: str
    sentence: str
    button: str = ""
    link: str = ""
    page: str = ""
    note: str = ""


def _notice(sentence: str, page: str = SECURITY, button: str = "Review sign-in settings") -> Letter:
    return Letter(sentence, f"{sentence}.", button, page=page, note=NOT_YOU)


LETTERS = {
    "password_reset_key": Letter(
        "Reset your password",
        "Someone requested a new password for your account {username}. "
        "The link works once, within 4 hours.",
        "Choose a new password",
        link="password_reset_url",
        note="If you didn't request this, ignore this email. Your password stays the same.",
    ),
    "email_confirmation": Letter(
        "Confirm your email",
        "Confirm that this is your new email. Until then, your account keeps the current one.",
        "Confirm email",
        link="activate_url",
        note="If you didn't request this, ignore this email.",
    ),
    "invitation": Letter(
        "{inviter} invited you to {organization}",
        "{inviter} invited you to {organization} on SMS Center, where the team texts its leads. "
        "The link works once, within 7 days.",
        "Accept invitation",
        link="invitation_url",
        note="If you don't know {inviter}, ignore this email.",
    ),
    "owner_invitation": Letter(
        "{organization} is set up on SMS Center",
        "You own {organization} on SMS Center. Accept the invitation to create your account. "
        "The link works once, within 7 days.",
        "Accept invitation",
        link="invitation_url",
        note="If you didn't expect this, ignore this email.",
    ),
    "sign_up": Letter(
        "Create your organization",
        "Confirm this email to create your organization on SMS Center. "
        "The link works once, within a day.",
        "Continue",
        link="sign_up_url",
        note="If you didn't request this, ignore this email.",
    ),
    "sign_up_known": Letter(
        "You already have an account",
        "Someone tried to sign up for SMS Center with this email, which already has an account. "
        "If it was you, sign in, or reset your password there.",
        "Sign in",
        page="sign_in",
        note="If it wasn't you, ignore this email. Your account stays the same.",
    ),
    "organization_deletion": Letter(
        "{organization} will be deleted on {day}",
        "{by} requested the deletion of {organization}. Until {day}, members have read-only access "
        "and no texts are sent. Then everything is deleted for good. Until then, owners can keep "
        "the organization and export all data.",
        "Keep or export",
        link="settings_url",
    ),
    "organization_deletion_soon": Letter(
        "{organization} will be deleted in 3 days",
        "On {day}, everything that {organization} stores will be deleted for good, as {by} "
        "requested. Until then, owners can keep the organization and export all data.",
        "Keep or export",
        link="settings_url",
    ),
    "password_changed": _notice("Your password was changed", "account_reset_password", "Reset it"),
    "password_set": _notice("Your password was set", "account_reset_password", "Reset it"),
    "password_reset": _notice("Your password was reset", "account_reset_password", "Reset it"),
    "email_changed": Letter(
        "Your email was changed",
        "Your account's email was changed from {from_email} to {to_email}.",
        note="If this wasn't you, tell your administrator.",
    ),
    "email_confirm": _notice("Your email was confirmed"),
    "email_deleted": _notice("An email was removed from your account"),
    "totp_activated": _notice("An authenticator app was added"),
    "totp_deactivated": _notice("Your authenticator app was removed"),
    "webauthn_added": _notice("A passkey was added"),
    "webauthn_removed": _notice("A passkey was removed"),
    "recovery_codes_generated": _notice("New recovery codes were created"),
}


def gets_too_many(kind: str, to: str) -> bool:
    """Return whether an address has got as many mails of a kind as it may get in an hour."""
    return AccountMail.objects.number_since(to, kind, timezone.now() - HOUR) >= MOST_AN_HOUR


def write(kind: str, to: str, context: dict[str, Any]) -> AccountMail | None:
    """Queue a mail, unless the address got too many of its kind. Return it."""
    if gets_too_many(kind, to):
        return None
    mail = rendered(kind, to, context)
    mail.save()
    return mail


def rehearse(kind: str, to: str, context: dict[str, Any]) -> None:
    """Do the work of writing a mail, and keep none."""
    with transaction.atomic():
        write(kind, to, context)
        transaction.set_rollback(True)


def rendered(kind: str, to: str, context: dict[str, Any]) -> AccountMail:
    """Return a mail that isn't saved."""
    letter = LETTERS[kind]
    subject = one_line(letter.subject.format_map(context))
    words = {
        "title": subject,
        "sentence": letter.sentence.format_map(context),
        "note": letter.note.format_map(context),
        "button": letter.button,
        "url": _url(letter, context),
        "ip": context.get("ip"),
        "at": moments.exact(context["timestamp"]) if "timestamp" in context else "",
        "site": settings.PUBLIC_URL,
    }
    return AccountMail(
        kind=kind,
        to=to,
        subject=subject,
        text=render_to_string("accounts/mail/letter.txt", words),
        html=render_to_string("accounts/mail/letter.html", words),
    )


def _url(letter: Letter, context: dict[str, Any]) -> str:
    if letter.page:
        return settings.PUBLIC_URL + reverse(letter.page)
    return str(context[letter.link]) if letter.link else ""


def send_due(limit: int = 50) -> int:
    """Send up to `limit` due mails. Return the number of attempts."""
    return mail_queue.send_due(AccountMail.objects.all(), limit)
