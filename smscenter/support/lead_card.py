"""What support adds to the side column of the lead page: requests about the lead's texts."""

from collections.abc import Mapping
from typing import Any

from leads.models import Lead
from smscenter.accounts.http import MemberRequest
from smscenter.support.models import SupportRequest

MOST = 5


def requests_about(request: MemberRequest, lead: Lead) -> Mapping[str, Any]:
    """Return the requests that texts of this lead are attached to, the newest first."""
    rows = SupportRequest.objects.visible_to(request.user).about_lead(lead)
    found = list(rows.order_by("-created", "-pk")[: MOST + 1])
    return {"requests": found[:MOST], "has_more": len(found) > MOST}
