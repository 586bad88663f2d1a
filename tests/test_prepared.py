"""Queries that are compiled once: each call has its own rows."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.db.models.functions import Upper

from leads.models import Lead
from smscenter.accounts.models import User
from smscenter.database.prepared import Prepared, PreparedRows
from tests import factories


@pytest.mark.django_db
def test_each_call_has_the_rows_of_its_ids(rep: User) -> None:
    compiled = []

    @Prepared
    def some_leads(organization: int, *leads: int) -> QuerySet[Any, Any]:
        compiled.append(organization)
        rows = Lead.objects.visible_in(organization).filter(pk__in=leads)
        return rows.order_by("pk").values_list("pk", "name", "created")

    other = factories.user(factories.organization("other"), "olga")
    ours, another, theirs = (
        factories.lead(*each) for each in ((rep, "A"), (rep, "B"), (other, "C"))
    )
    found = some_leads(ours.organization_id, ours.pk, another.pk)
    assert found == [(ours.pk, "A", ours.created), (another.pk, "B", another.created)]
    assert some_leads(ours.organization_id, another.pk, theirs.pk) == found[1:]
    assert some_leads.count(theirs.organization_id, ours.pk, theirs.pk) == 1
    assert len(compiled) == 1


@pytest.mark.django_db
def test_times_have_placeholders_too(rep: User) -> None:
    @Prepared
    def leads_between(start: datetime, organization: int, end: datetime) -> QuerySet[Any, Any]:
        rows = Lead.objects.visible_in(organization).filter(created__range=(start, end))
        return rows.values_list("pk")

    [first, second] = (factories.lead(rep, name) for name in "AB")
    hour = timedelta(hours=1)
    for lead in (first, second):
        start, end = lead.created, lead.created + (second.created - first.created) / 2
        assert leads_between(start, lead.organization_id, end) == [(lead.pk,)]
    assert leads_between(first.created - hour, first.organization_id, first.created - hour) == []


@pytest.mark.django_db
def test_instances_are_those_of_the_query(rep: User) -> None:
    @PreparedRows
    def leads_of(organization: int) -> QuerySet[Any]:
        rows = Lead.objects.visible_in(organization).with_related("owner__username")
        return rows.annotate(shown=Upper("name")).order_by("pk")

    ours, unowned = factories.lead(rep, "A"), factories.lead(rep, "B")
    Lead.objects.filter(pk=unowned.pk).update(owner=None)
    for _ in range(2):
        first, second = leads_of(ours.organization_id)
        assert (first, first.owner, first.shown) == (ours, rep, "A")
        assert (second, second.owner, second.created) == (unowned, None, unowned.created)
        assert first.owner.get_deferred_fields() >= {"email", "role"}
