"""Numbers of custom fields are found and sorted by, whatever writes the leads."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from leads.hooks import sorting
from leads.models import CustomField, Lead, LeadNumber
from leads.numbers import check
from search import run
from search.answering.paging import Order, page_of
from search.words import related_rows
from smscenter.accounts.models import User
from tests import factories


@pytest.fixture
def bill(rep: User) -> CustomField:
    assert rep.organization
    field: CustomField = CustomField.objects.create(
        organization=rep.organization, name="Bill", kind=CustomField.Kind.NUMBER
    )
    return field


def stored() -> set[tuple[str, float]]:
    return set(LeadNumber.objects.values_list("key", "value"))


def pages(query: str, user: User) -> list[str]:
    """Return the names of all pages in order, and of all pages backwards."""
    result = run("lead", query, user)
    order, names, after, before = Order.of(result.order), [], "", ""
    while page := page_of(result.rows, order, after=after, size=2):
        names += [lead.name for lead in page.rows]
        before, after = page.before, page.after
        if not after:
            break
    back = [lead.name for lead in page.rows]
    while before:
        page = page_of(result.rows, order, before=before, size=2)
        back = [lead.name for lead in page.rows] + back
        before = page.before
    assert back == names
    return names


@pytest.mark.parametrize("custom", [{}, {"Bill": "2"}, {"Bill": None}, {"x" * 81: 1, "B": 10**400}])
def test_only_numbers_are_stored(rep: User, custom: dict[str, Any]) -> None:
    lead = factories.lead(rep, custom=custom | {"Bill 2": 2.5})
    assert stored() == {("Bill 2", 2.5)}
    lead.custom = {"Bill": -3}
    lead.save()
    assert stored() == {("Bill", -3)}
    lead.delete()
    assert stored() == set()


@pytest.mark.parametrize("few", [-1, 2_000])
def test_numbers_are_found(
    rep: User, bill: CustomField, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(related_rows, "FEW", few)
    for number in (1, 20, 300, None):
        factories.lead(rep, f"{number}", custom={"Bill": number} if number else {})
    queries = {
        "Bill > 20": {"300"},
        "not Bill > 20": {"1", "20", "None"},
        "Bill:1..20": {"1", "20"},
        "Bill != 20": {"1", "300", "None"},
        "Bill:null": {"None"},
    }
    found = {query: {lead.name for lead in run("lead", query, rep).rows} for query in queries}
    assert found == queries
    assert {query: set(pages(f"{query} sort:name", rep)) for query in queries} == queries


@pytest.mark.parametrize("part", [1, 3, 200])
def test_pages_in_order_have_all_leads_once(
    rep: User, bill: CustomField, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorting, "NUMBERS_IN_PART", part)
    monkeypatch.setattr(sorting, "OWNERS_IN_PART", (part,))
    left = factories.user(factories.organization("others"), "amy")
    owners = [rep, factories.user(rep.organization, "zoe"), left, None]
    for number in range(8):
        custom = {"Bill": number // 3} if number < 6 else {}
        Lead.objects.filter(pk=factories.lead(rep, f"{number}", custom=custom).pk).update(
            owner=owners[number % 4]
        )
    assert pages("sort:Bill", rep) == list("01234567")
    assert pages("sort:-Bill", rep) == list("54321076")
    assert pages("sort:owner", rep) == list("26041537")
    assert pages("sort:-owner", rep) == list("51406273")
    assert pages("sort:-owner Bill > 0", rep) == list("543")


def test_wrong_numbers_are_reported_and_repaired(
    rep: User, bill: CustomField, capsys: pytest.CaptureFixture[str]
) -> None:
    leads = [factories.lead(rep, custom={"Bill": number}) for number in (1, 2)]
    LeadNumber.objects.filter(lead=leads[0]).delete()
    LeadNumber.objects.filter(lead=leads[1]).update(value=3)
    with pytest.raises(CommandError, match="2 wrong values"):
        call_command("rollups")
    assert f"lead {leads[1].pk}: the stored number of Bill is wrong" in capsys.readouterr().out
    call_command("rollups", "--repair")
    assert bill.organization
    assert list(check(bill.organization)) == []
    assert stored() == {("Bill", 1), ("Bill", 2)}
