"""Delete previews of bulk sends that nobody started."""

from django.conf import settings

from messaging.models import BulkSend
from smscenter import retention

State = BulkSend.State


def delete_old_previews() -> None:
    """Delete previews, with their items, that are older than KEEP_DRAFTS_DAYS."""
    if before := retention.older_than(settings.KEEP_DRAFTS_DAYS):
        previews = BulkSend.objects.filter(state__in=[State.PREPARING, State.READY])
        retention.delete(previews.filter(created__lt=before).order_by("created"))
