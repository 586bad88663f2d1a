"""Verify members' phones by text, with a code from the trial's number.

Nobody can use this to pester others: codes are limited by phone, person, organization, and for the
whole installation, and a phone that replied STOP to the trial's number gets none.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from leads.models import Lead
from leads.phones import Phone
from messaging.composing import preflight, trial
from messaging.composing.verdicts import Level, Verdict
from messaging.models import OptOut, PhoneVerification, SenderNumber, SmsMessage
from messaging.models.phone_verification import TEXT
from messaging.models.reason import Reason
from messaging.outgoing import outbox, trying
from messaging.outgoing.outbox import LimitReached, Refused
from smscenter import retention
from smscenter.accounts.models import Organization, User
from smscenter.audit.recording import record
from smscenter.database import locks

# Codes in an hour, and to one phone in a day.
MOST_TO_PHONE, MOST_BY_USER, MOST_BY_ORGANIZATION, MOST_OF_ALL = 3, 3, 10, 100
MOST_TO_PHONE_IN_DAY = 6
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOO_MANY = "Too many codes were sent. Try again later."
# What preflight refuses to others, but not to people who ask for a code.
ALLOWED = {"trial_phone"}


def send_code(user: User, organization: Organization, phone: Phone) -> PhoneVerification:
    """Text a code to the user's phone. Raises Refused.

    To a phone that opted out of the trial's number elsewhere, nothing is sent. The page looks the
    same, so that nobody learns what other organizations know.
    """
    sender = trial.sender_of(organization)
    verdicts = preflight.check(organization=organization, sender=sender, to=phone.e164, text=TEXT)
    refusals = [each for each in preflight.refusals(verdicts) if not _is_allowed(each)]
    if refusals:
        raise Refused(refusals)
    with transaction.atomic():
        locks.hold("phone codes")
        if _is_over_limit(user, organization, phone):
            raise LimitReached([Verdict(Level.REFUSAL, "limit", TOO_MANY, None)])
        verification = PhoneVerification(organization=organization, user=user, phone=phone.e164)
        lead = trying.lead_of(user)
        if not _opted_out_anywhere(phone):
            verification.message = _queue(user, lead, sender, phone)
        verification.save()
    return verification


def confirm(user: User, code: str) -> PhoneVerification | None:
    """Return the user's phone if this is its code, verified. Each code takes a few tries."""
    with transaction.atomic():
        latest = PhoneVerification.objects.latest_of(user)
        rows = PhoneVerification.objects.select_for_update(of=("self",))
        row = rows.filter(pk=latest.pk).first() if latest else None
        if row is None or not row.is_open() or not row.matches(code):
            return None
        PhoneVerification.objects.filter(user=user, verified__isnull=False).delete()
        row.verified = timezone.now()
        row.save(update_fields=["verified"])
        trying.lead_with(user, row.number)
        record("phone_verified", name=row.number.formatted)
    return row


def remove(user: User) -> None:
    """Forget the user's verified phone."""
    for row in PhoneVerification.objects.filter(user=user, verified__isnull=False):
        row.delete()
        record("phone_removed", name=row.number.formatted)


def verified_phone(user: User) -> PhoneVerification | None:
    return PhoneVerification.objects.visible_to(user).verified().filter(user=user).first()


def own_lead(user: User) -> Lead | None:
    """Return the lead with the user's verified phone, to which trial texts can be sent."""
    phone = verified_phone(user)
    return trying.lead_with(user, phone.number) if phone else None


def delete_old_codes() -> None:
    """Delete codes that no limit counts anymore, and phones of people who are gone."""
    old = PhoneVerification.objects.filter(created__lt=retention.older_than(1))
    old = old.filter(Q(verified=None) | Q(user__removed__isnull=False))
    retention.delete(old.order_by("created"))


def _is_allowed(refusal: Verdict) -> bool:
    return refusal.code in ALLOWED or refusal.reason == Reason.QUIET_HOURS


def _is_over_limit(user: User, organization: Organization, phone: Phone) -> bool:
    """Return whether there were too many codes lately. The caller has the lock."""
    now, to_phone = timezone.now(), Q(phone=phone.e164)
    hour = Q(created__gt=now - HOUR)
    counts = PhoneVerification.objects.filter(created__gt=now - DAY).aggregate(
        phone_in_day=Count("pk", filter=to_phone),
        phone=Count("pk", filter=hour & to_phone),
        user=Count("pk", filter=hour & Q(user=user)),
        organization=Count("pk", filter=hour & Q(organization=organization)),
        all=Count("pk", filter=hour),
    )
    return bool(
        counts["phone_in_day"] >= MOST_TO_PHONE_IN_DAY
        or counts["phone"] >= MOST_TO_PHONE
        or counts["user"] >= MOST_BY_USER
        or counts["organization"] >= MOST_BY_ORGANIZATION
        or counts["all"] >= MOST_OF_ALL
    )


def _opted_out_anywhere(phone: Phone) -> bool:
    """Return whether the phone replied STOP to the trial's number, in whichever organization."""
    trials = SenderNumber.objects.filter(trial=True)
    opt_outs = OptOut.objects.in_force().filter(
        organization__in=trials.values("organization"),
        recipient__organization__in=trials.values("organization"),
        recipient__phone=phone.e164,
        sender__trial=True,
    )
    return opt_outs.exists()


def _queue(user: User, lead: Lead, sender: SenderNumber, phone: Phone) -> SmsMessage:
    return outbox.queue(
        user=user,
        lead=lead,
        contact=None,
        sender=sender,
        to=phone.e164,
        text=TEXT,
        automatic=SmsMessage.Automatic.CODE,
    )
