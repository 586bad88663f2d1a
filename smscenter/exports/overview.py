"""What the administrators' page about an organization says of its exports."""

from collections.abc import Iterable

from smscenter import moments
from smscenter.accounts.models import Organization
from smscenter.accounts.pages.overview import Panel, Row
from smscenter.exports.models import Archive

LATEST = 5


def exports(organization: Organization) -> Iterable[Row]:
    rows = Archive.objects.visible_in(organization.pk).select_related("created_by")
    for row in rows.order_by("-created")[:LATEST]:
        by = str(row.created_by or "A former member")
        yield Row((moments.spoken(row.created), row.get_state_display(), by))


PANEL = Panel(
    "exports",
    "Latest exports",
    ("Created", "State", "By"),
    exports,
    permission="exports.view_archive",
    place=80,
)
