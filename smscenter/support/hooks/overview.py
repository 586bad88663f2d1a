"""What the administrators' page about an organization says of its requests."""

from collections.abc import Iterable

from django.urls import reverse

from smscenter import moments
from smscenter.accounts.models import Organization
from smscenter.accounts.pages.overview import MOST_ROWS, Panel, Row, panels
from smscenter.support.models import SupportRequest
from smscenter.support.models.states import OPEN


def requests(organization: Organization) -> Iterable[Row]:
    rows = SupportRequest.objects.filter(organization=organization, state__in=OPEN)
    rows = rows.select_related("sender", "assignee").order_by("-pk")
    for row in rows[:MOST_ROWS]:
        yield Row(
            (
                f"{row.pk}: {row.subject or row.sender or row.get_kind_display()}",
                row.get_state_display(),
                str(row.assignee or "Unassigned"),
                moments.spoken(row.created),
            ),
            reverse("admin:support_supportrequest_change", args=[row.pk]),
        )


panels.register(
    Panel(
        "requests",
        "Open requests",
        ("Request", "State", "Assignee", "Created"),
        requests,
        permission="support.view_supportrequest",
        place=60,
        page="admin:support_supportrequest_changelist",
    )
)
