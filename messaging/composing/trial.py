"""Trial mode: a few texts a day to the team's own phones, before there's a sender number.

With a TRIAL_SENDER, each new organization gets a row for that number, under the same rules as its
own: preflight refuses other recipients, and the number's daily cap holds whatever else happens. The
trial ends when the organization adds a number of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from leads import phones
from messaging.composing.verdicts import Level, Verdict
from messaging.models import PhoneVerification, SenderNumber, SmsMessage, sender_id
from messaging.models.reason import Reason
from messaging.models.sender import TRIAL_TEXTS
from smscenter.accounts.models import Organization

ADD_NUMBER = "Add a sender number of your own to"


@dataclass(frozen=True)
class Trial:
    """What's left of an organization's trial today."""

    left: int
    number: str
    most: int = TRIAL_TEXTS


def is_on(organization: Organization) -> bool:
    """Return whether the organization can send trial texts."""
    return settings.TRIAL_SENDER is not None and not _own(organization)


def sender_of(organization: Organization) -> SenderNumber:
    """Return the organization's row for the trial's number."""
    trial = settings.TRIAL_SENDER
    sender, _ = SenderNumber.objects.get_or_create(
        organization=organization,
        carrier=trial.carrier,
        phone=trial.phone,
        trial=True,
        defaults={
            "account": trial.account,
            "label": "Trial number",
            # Who runs the installation has registered it.
            "registered": True,
            "rate": 1,
            "daily_cap": TRIAL_TEXTS,
        },
    )
    return sender


def left_today(organization: Organization, at: datetime | None = None) -> int:
    """Return how many trial texts the organization can send today, on the carriers' clock."""
    now = at or timezone.now()
    texts = SmsMessage.objects.filter(
        sender__in=SenderNumber.objects.filter(organization=organization, trial=True),
        direction=SmsMessage.Direction.OUTGOING,
        created__gte=SenderNumber().day_start(now),
    )
    return max(0, TRIAL_TEXTS - texts.order_by().count())


def trial_of(organization: Organization) -> Trial:
    """Return what's left today, whether or not the trial is on."""
    number = settings.TRIAL_SENDER.phone if settings.TRIAL_SENDER else ""
    return Trial(left_today(organization), sender_id.formatted(number) if number else "")


def check(
    organization: Organization, sender: SenderNumber | None, to: str, at: datetime
) -> Iterator[Verdict]:
    """Refuse what can't be sent from the trial's number, and say what to set up next."""
    if sender is None or not sender.trial:
        return
    if _own(organization):
        yield _refuse("trial_over", "The trial is over. Choose your own sender number.")
    elif (sender.carrier, sender.account, sender.phone) != settings.TRIAL_SENDER:
        yield _refuse("trial_off", f"This trial number was turned off. {ADD_NUMBER} send texts.")
    elif not _is_verified(organization, to):
        yield _refuse(
            "trial_phone",
            "During the trial, you can only text your team's verified phones. "
            f"{ADD_NUMBER} text anyone.",
        )
    elif not left_today(organization, at):
        message = f"Your organization has sent its {TRIAL_TEXTS} trial texts for today."
        yield _refuse("trial_texts", f"{message} {ADD_NUMBER} send more.", Reason.RATE_LIMIT)


def _refuse(code: str, message: str, reason: Reason = Reason.SENDER_CONFIG) -> Verdict:
    return Verdict(Level.REFUSAL, code, message, reason)


def _own(organization: Organization) -> bool:
    return SenderNumber.objects.own().filter(organization=organization).exists()


def _is_verified(organization: Organization, to: str) -> bool:
    try:
        phone = phones.parse(to).e164
    except phones.PhoneNumberError:
        return False
    rows = PhoneVerification.objects.visible_in(organization.pk).verified()
    return rows.filter(phone=phone).exists()
