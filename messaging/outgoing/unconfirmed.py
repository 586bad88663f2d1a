"""Texts that a carrier may or may not have, for a person to decide about."""

from collections.abc import Iterable, Sequence

from leads.models import Lead
from messaging.models import Attempt, SmsMessage
from messaging.outgoing import outbox
from smscenter.accounts.models import User


def among(messages: Iterable[int]) -> set[int]:
    """Return which of these texts are unconfirmed, by ID."""
    ids = list(messages)
    if not ids:
        return set()
    attempts = Attempt.objects.unconfirmed().filter(message__in=ids).order_by()
    return set(attempts.values_list("message", flat=True))


def texts(messages: Sequence[SmsMessage]) -> set[int]:
    """Return which of these texts are unconfirmed, in one query if any can be."""
    return among(row.pk for row in messages if row.status == SmsMessage.Status.OUTBOX)


def leads_with_latest(leads: Sequence[Lead]) -> set[int]:
    """Return which of these leads' latest texts are unconfirmed, in one query if any can be."""
    latest = {
        lead.latest_sms_id: lead.pk
        for lead in leads
        if lead.latest_sms_status == Lead.LatestSms.OUTBOX and lead.latest_sms_id
    }
    return {latest[message] for message in among(latest)}


def settle(attempts: Iterable[Attempt], user: User, *, sent: bool) -> int:
    """Record for each of these whether it was sent. Return how many were still unconfirmed."""
    return sum(outbox.settle(attempt, user, sent=sent) for attempt in attempts)
