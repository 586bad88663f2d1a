"""Delete drafts that nobody goes on with, and forget which visitors said what of an article."""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from smscenter import retention
from smscenter.support.models import Feedback, SupportRequest
from smscenter.support.models.states import State

log = structlog.get_logger(__name__)

# Drafts in one run: each has files to remove.
MOST_DRAFTS = 100


def deleted_after(support_request: SupportRequest) -> datetime | None:
    """Return when this is deleted unless somebody changes it: drafts only."""
    days: int = settings.KEEP_DRAFTS_DAYS
    is_draft = support_request.status is State.DRAFT and support_request.submitted is None
    return support_request.updated + timedelta(days=days) if is_draft and days else None


def delete_abandoned_drafts() -> None:
    """Delete drafts that nobody has changed for KEEP_DRAFTS_DAYS, with their files."""
    before = retention.older_than(settings.KEEP_DRAFTS_DAYS)
    if before is None:
        return
    drafts = SupportRequest.objects.abandoned(before).order_by("updated")
    for pk in list(drafts.values_list("pk", flat=True)[:MOST_DRAFTS]):
        with transaction.atomic():
            # Not if somebody has changed it meanwhile, or is at it right now.
            held = drafts.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            if held is not None:
                _delete(held)


def _delete(draft: SupportRequest) -> None:
    log.info("draft_deleted", request=draft.pk, organization_id=draft.organization_id)
    # One by one, because each removes its file.
    for evidence in draft.evidence.all():
        evidence.delete()
    draft.delete()


def forget_feedback_clients() -> None:
    """Unlink answers from their visitors' addresses, as soon as the day is over that they name."""
    before = timezone.now() - timedelta(days=1)
    old = Feedback.objects.exclude(client="").filter(created__lt=before)
    ids = list(old.values_list("pk", flat=True)[: retention.BATCH])
    Feedback.objects.filter(pk__in=ids).update(client="")
