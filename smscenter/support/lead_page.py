"""Add requests about the lead's texts to the timeline of the lead page."""

from leads.page import ActivityKind, register_activity
from smscenter.support.models import SupportRequest

register_activity(
    ActivityKind(
        name="request",
        rows=SupportRequest.objects.about_lead,
        template="support/_activity.html",
        version=lambda support_request: str(support_request.state),
    )
)
