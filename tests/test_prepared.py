"""Queries that are compiled once: each call has its own rows."""

from typing import Any

import pytest
from django.db.models import QuerySet

from leads.models import Lead
from smscenter.accounts.models import User
from smscenter.prepared import Prepared
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
