"""What support adds to the lead page: requests in the timeline, the side column, and at texts."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Prefetch, QuerySet

from leads.models import Lead
from leads.page import ActivityKind, Panel, activities, cards
from messaging.models.marks import Mark, marks
from smscenter.accounts.http import MemberRequest
from smscenter.database.prepared import Prepared, by_ids
from smscenter.support.models import SupportRequest

MOST = 5


@Prepared
def _one(lead: int, organization: int) -> QuerySet[Any, Any]:
    rows = SupportRequest.objects.about_lead(by_ids(Lead, lead, organization))
    return rows.order_by().values_list("pk")[:1]


def has_requests(lead: Lead) -> bool:
    """Return whether there are any. It's read once for a page, as most leads have none."""
    if not hasattr(lead, "_has_requests"):
        lead._has_requests = bool(_one(lead.pk, lead.organization_id))  # type: ignore[attr-defined]
    return bool(lead._has_requests)  # type: ignore[attr-defined]


def requests_about(request: MemberRequest, lead: Lead) -> Mapping[str, Any]:
    """Return the requests that texts of this lead are attached to, the newest first."""
    if not has_requests(lead):
        return {"requests": [], "has_more": False}
    rows = SupportRequest.objects.visible_to(request.user).about_lead(lead)
    found = list(rows.order_by("-created", "-pk")[: MOST + 1])
    return {"requests": found[:MOST], "has_more": len(found) > MOST}


activities.register(
    ActivityKind(
        name="request",
        rows=SupportRequest.objects.about_lead,
        template="support/_activity.html",
        version=lambda support_request: str(support_request.state),
        author=lambda support_request: support_request.created_by_id,
        may_exist=has_requests,
        is_prepared=True,
    )
)
cards.register(Panel("support/_lead_requests.html", requests_about))
marks.register(
    Mark(
        prefetch=lambda: Prefetch(
            "support_requests", SupportRequest.objects.submitted(), to_attr="submitted_requests"
        ),
        template="support/_mark.html",
        is_shown=lambda message: bool(getattr(message, "submitted_requests", ())),
        may_exist=has_requests,
    )
)
