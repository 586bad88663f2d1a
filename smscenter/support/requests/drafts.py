from datetime import datetime, timedelta

from django.conf import settings

from smscenter.support.models import SupportRequest
from smscenter.support.models.states import State


def deleted_after(support_request: SupportRequest) -> datetime | None:
    """Return when an unchanged draft will be deleted, or None if this isn't a draft."""
    days: int = settings.KEEP_DRAFTS_DAYS
    is_draft = support_request.status is State.DRAFT and support_request.submitted is None
    return support_request.updated + timedelta(days=days) if is_draft and days else None
