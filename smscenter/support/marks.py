"""Show requests beside the texts attached to them."""

from django.db.models import Prefetch

from messaging.marks import Mark, register
from smscenter.support.models import SupportRequest

register(
    Mark(
        prefetch=lambda: Prefetch(
            "support_requests", SupportRequest.objects.submitted(), to_attr="submitted_requests"
        ),
        template="support/_mark.html",
    )
)
