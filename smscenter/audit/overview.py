"""What the administrators' page about an organization says of who signed in."""

from collections.abc import Iterable

from smscenter import moments
from smscenter.accounts.models import Organization
from smscenter.accounts.pages.overview import Panel, Row
from smscenter.audit.models import PERMISSION, AuditRecord

LATEST = 10


def sign_ins(organization: Organization) -> Iterable[Row]:
    rows = AuditRecord.objects.filter(organization=organization, action="signed_in")
    for row in rows.order_by("-created", "-pk")[:LATEST]:
        yield Row((row.actor_name, moments.spoken(row.created), row.address or ""))


PANEL = Panel(
    "sign_ins",
    "Latest sign-ins",
    ("Name", "When", "Address"),
    sign_ins,
    permission=PERMISSION,
    place=90,
)
