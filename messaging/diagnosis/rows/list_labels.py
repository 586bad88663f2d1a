"""What lists show of texts that aren't sent yet: some are unconfirmed, or wait for a carrier.

Lists don't read attempts. So this is one query for each label and page, if there are such texts.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from leads.models import Lead
from messaging.carriers import outages
from messaging.models import Attempt, SmsMessage


def unconfirmed_texts(messages: Sequence[Any]) -> set[int]:
    return _unconfirmed(_in_outbox(messages))


def waiting_texts(messages: Sequence[Any]) -> set[int]:
    return outages.waiting_among(_in_outbox(messages))


def unconfirmed_leads(leads: Sequence[Any]) -> set[int]:
    """Return the leads whose latest text is unconfirmed."""
    return _with_latest(leads, _unconfirmed)


def waiting_leads(leads: Sequence[Any]) -> set[int]:
    """Return the leads whose latest text waits for a carrier."""
    return _with_latest(leads, outages.waiting_among)


def _unconfirmed(messages: Iterable[int]) -> set[int]:
    """Return which of these texts are unconfirmed, by ID."""
    ids = list(messages)
    if not ids:
        return set()
    attempts = Attempt.objects.unconfirmed().filter(message__in=ids).order_by()
    return set(attempts.values_list("message", flat=True))


def _in_outbox(messages: Sequence[Any]) -> list[int]:
    return [row.id for row in messages if row.status == SmsMessage.Status.OUTBOX]


def _with_latest(leads: Sequence[Any], among: Callable[[Iterable[int]], set[int]]) -> set[int]:
    latest = {
        lead.latest_sms_id: lead.id
        for lead in leads
        if lead.latest_sms_status == Lead.LatestSms.OUTBOX and lead.latest_sms_id
    }
    return {latest[message] for message in among(latest)}
