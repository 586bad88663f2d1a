"""The tables of support in the export of everything."""

from django.db.models import QuerySet

from smscenter.accounts.models import Organization
from smscenter.exports.tables import Table, tables
from smscenter.support.models import (
    Evidence,
    SupportRequest,
    SupportRequestEvent,
    SupportRequestMessage,
    Whitelisting,
)


def _events_for_members(organization: Organization) -> QuerySet[SupportRequestEvent]:
    rows = SupportRequestEvent.objects.visible_in(organization.pk)
    return rows.filter(internal=False)


for table, model in {
    "requests": SupportRequest,
    "request_messages": SupportRequestMessage,
    "request_files": Evidence,
    "whitelistings": Whitelisting,
}.items():
    tables.register(Table(table, model))
tables.register(Table("request_events", SupportRequestEvent, rows=_events_for_members))
