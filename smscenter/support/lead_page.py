"""What support adds to the lead page: requests about the lead's texts, in the timeline."""

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
