"""Delete abandoned drafts, and unlink feedback from visitors' addresses."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from smscenter import retention
from smscenter.support.models import Feedback, ReceivedMail, SupportRequest

log = structlog.get_logger(__name__)

# Drafts in one run. Each can have files to delete.
MOST_DRAFTS = 100
# Mail servers give up after five days.
KEEP_RECEIVED_MAILS = timedelta(days=30)


def delete_abandoned_drafts() -> None:
    """Delete drafts that haven't changed for KEEP_DRAFTS_DAYS, with their files."""
    before = retention.older_than(settings.KEEP_DRAFTS_DAYS)
    if before is None:
        return
    drafts = SupportRequest.objects.abandoned(before).order_by("updated")
    for pk in list(drafts.values_list("pk", flat=True)[:MOST_DRAFTS]):
        with transaction.atomic():
            # Skip it if someone changed it meanwhile, or is changing it right now.
            draft = drafts.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            if draft is not None:
                _delete(draft)


def _delete(draft: SupportRequest) -> None:
    log.info("draft_deleted", request=draft.pk, organization_id=draft.organization_id)
    # One at a time, because each deletes its file.
    for evidence in draft.evidence.all():
        evidence.delete()
    draft.delete()


def forget_received_mails() -> None:
    """Forget which mails were received, long after a mail server would send one again."""
    old = ReceivedMail.objects.filter(received__lt=timezone.now() - KEEP_RECEIVED_MAILS)
    retention.delete(old.order_by("received"))


def forget_feedback_clients() -> None:
    """Unlink feedback from visitors' addresses after a day."""
    before = timezone.now() - timedelta(days=1)
    old = Feedback.objects.exclude(client="").filter(created__lt=before)
    ids = list(old.values_list("pk", flat=True)[: retention.BATCH])
    Feedback.objects.filter(pk__in=ids).update(client="")
