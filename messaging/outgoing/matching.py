"""Match an attempt that got no response with the texts that its carrier has.

This matches by what we control: sender number, recipient, time, and which texts belong to other
attempts. It never matches by content, which a carrier may change.
"""

from collections.abc import Sequence

from django.db.models import QuerySet

from messaging import carriers
from messaging.carriers import Accepted, CarrierError
from messaging.models import Attempt, CarrierEvent


def match(attempt: Attempt, found: Sequence[Accepted]) -> Accepted | None:
    """Return the text that's this attempt's, or None.

    `found` is what the carrier has from this sender to this recipient since the attempt began.
    Raises CarrierError if several attempts or several texts match: a wrong choice would lose a text
    or send it twice.
    """
    # Keep this order: an attempt accepted in between is still a rival, or has its ID by then.
    is_alone = not _rivals(attempt).exists()
    known = _known(attempt, [text.carrier_id for text in found])
    free = [text for text in found if text.carrier_id not in known]
    if not free:
        return None
    if len(free) == 1 and is_alone:
        return free[0]
    fault = f"{len(free)} of the carrier's texts could be this one"
    raw = {"fault": fault, "candidates": [text.carrier_id for text in free]}
    raise CarrierError("", ambiguous=True, raw=raw)


def _rivals(attempt: Attempt) -> QuerySet[Attempt]:
    """Return unconfirmed attempts between the same two numbers."""
    return Attempt.objects.filter(
        carrier=attempt.carrier,
        carrier_id="",
        state__in=Attempt.OPEN,
        started__isnull=False,
        message__local_phone=attempt.message.local_phone,
        message__remote_phone=attempt.message.remote_phone,
    ).exclude(pk=attempt.pk)


def _known(attempt: Attempt, carrier_ids: list[str]) -> set[str]:
    """Return the IDs that belong to other attempts, also according to callbacks that wait."""
    attempts = Attempt.objects.with_carrier_ids(attempt.carrier, carrier_ids)
    events = CarrierEvent.objects.filter(
        carrier=attempt.carrier,
        carrier_id__in=carrier_ids,
        outcome=CarrierEvent.Outcome.WAITING,
        attempt_key__isnull=False,
    ).exclude(attempt_key=attempt.key)
    carrier = carriers.get(attempt.carrier)
    return {*attempts.values_list("carrier_id", flat=True)} | {
        event.carrier_id
        for event in events
        if carrier.is_of_account(event.payload, attempt.account)
    }
