"""Delete callbacks that were processed long ago. What they changed stays."""

from django.conf import settings
from django.db.models import Q

from messaging.models import CarrierEvent
from smscenter import retention

WAITING, INBOUND = CarrierEvent.Outcome.WAITING, CarrierEvent.Kind.INBOUND


def delete_old_events() -> None:
    """Delete old callbacks, except incoming texts that belong to no lead yet."""
    if before := retention.older_than(settings.KEEP_CARRIER_EVENTS_DAYS):
        old = CarrierEvent.objects.exclude(Q(outcome=WAITING, kind=INBOUND))
        retention.delete(old.filter(received__lt=before).order_by("received"))
