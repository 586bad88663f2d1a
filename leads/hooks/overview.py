"""What the administrators' page about an organization says of its imports."""

from collections.abc import Iterable

from leads.models import LeadImport
from smscenter import moments
from smscenter.accounts.models import Organization
from smscenter.accounts.pages.overview import Panel, Row, panels

LATEST = 5


def imports(organization: Organization) -> Iterable[Row]:
    rows = LeadImport.objects.visible_in(organization.pk).select_related("created_by")
    for row in rows.order_by("-created", "-pk")[:LATEST]:
        by = str(row.created_by or "A former member")
        yield Row((row.name, row.get_state_display(), moments.spoken(row.created), by))


panels.register(
    Panel(
        "imports",
        "Latest imports",
        ("File", "State", "Created", "By"),
        imports,
        permission="leads.view_leadimport",
        place=70,
    )
)
