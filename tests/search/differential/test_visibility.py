"""Test that no query shows anything of another organization."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import search
from search.models import SavedView
from smscenter.accounts.models import User
from tests.search.differential.evaluator import Evaluator
from tests.search.differential.notation import Notation
from tests.search.differential.product import (
    MODELS,
    PRODUCT,
    SEARCHERS,
    SEARCHES,
    WORLD,
    found,
    random_queries,
    searcher,
)
from tests.search.differential.records import NOW
from tests.search.differential.trees import Everything

pytestmark = pytest.mark.django_db
# Names of the other organization, and of a colleague's private view.
SECRETS = ("Secret Deal", "secret_deal", "sam", "Rival", "rival")
PRIVATE = "Private"
COUNTED = (
    "status:",
    "owner:",
    "latest_sms_status:",
    "sms(status:",
    "sms(template:",
    "custom.Plan:",
)


def visible(username: str, kind: str) -> set[int]:
    evaluator = Evaluator(WORLD, WORLD.person(username))
    return {row.id for row in evaluator.rows(Everything(), kind)}


def suggestions(text: str) -> list[str]:
    """Return the suggestions at the end of a text, with their details."""
    user = searcher("rita")
    found = search.complete("lead", text, len(text), user, NOW)
    return [f"{one.text} {one.label} {one.detail}" for one in found]


@pytest.mark.parametrize("kind", ["lead", "sms"])
@random_queries(25)
@given(data=st.data(), username=st.sampled_from(SEARCHERS), other=st.sampled_from(SEARCHERS))
def test_the_result_is_a_subset_of_the_visible_rows(
    kind: str, data: st.DataObject, username: str, other: str
) -> None:
    """Draw a query with one user's fields, run by another, who may not have them."""
    tree = data.draw(SEARCHES[other, kind])
    text = Notation(WORLD.person(other).office, kind).query(tree)
    for query in (text, f"not ({Notation(WORLD.person(other).office, kind).tree(tree.tree)})"):
        # Fields of one organization may be unknown in another.
        with suppress(search.QueryError):
            assert set(found(query, username, kind)) <= visible(username, kind), query


@pytest.mark.parametrize("kind", ["lead", "sms"])
def test_views_of_other_users_cannot_be_used(kind: str) -> None:
    name = {"lead": PRIVATE, "sms": "All of rival"}[kind]
    assert SavedView.objects.filter(name=name).exists()
    with pytest.raises(search.QueryError) as raised:
        found(f'in:"{name}"', "rita", kind)
    assert raised.value.problem.code == "unknown_value"


def test_a_view_name_refers_to_the_users_organization() -> None:
    failed = {lead.id for lead in WORLD.leads if any(m.status == "error" for m in lead.messages)}
    for username in ("rita", "carl"):
        assert set(found('in:"Failed"', username)) == failed & visible(username, "lead")
    assert set(found('in:"Failed"', "sam")) == visible("sam", "lead") - failed


def test_me_in_a_view_refers_to_the_current_user() -> None:
    mine = {lead.id for lead in WORLD.leads if lead.owner is WORLD.person("rita")}
    assert set(found('in:"My own"', "rita")) == mine


@pytest.mark.parametrize(
    "query",
    [
        *("owner:sam", "owner:604", "owner:sam@rival.example", 'status:"Secret Deal"'),
        *('"Rival Field":*', 'custom."Rival Field":x', "has:rival", 'in:"All of rival"'),
    ],
)
def test_values_of_another_organization_are_unknown(query: str) -> None:
    with pytest.raises(search.QueryError) as raised:
        found(query, "rita")
    problem = raised.value.problem
    assert not any(secret in f"{problem.hint} {problem.fix}" for secret in SECRETS)


@pytest.mark.parametrize("kind", ["lead", "sms"])
@pytest.mark.parametrize("query", ["", "*", "not name:x", "has:sms", "415", "limit:5"])
def test_a_user_without_an_organization_sees_nothing(kind: str, query: str) -> None:
    # Sequences don't know the fixed IDs of the stored rows, so choose one without a conflict.
    staff = User.objects.create_user("support", is_staff=True, id=9_000_000)
    query = query if kind == "lead" else query.replace("name:x", "text:x").replace("sms", "text")
    rows = MODELS[kind].objects.visible_to(staff).search(query, user=staff, at=NOW)
    assert not list(rows)


@pytest.mark.parametrize("text", ["", "s", "S", "in:", "custom.", "has:", "r", "R", *COUNTED])
def test_completion_shows_nothing_of_another_organization(text: str) -> None:
    for suggestion in suggestions(text):
        assert not any(secret in suggestion.split() for secret in SECRETS), suggestion
        assert "Secret" not in suggestion, suggestion
        assert PRIVATE not in suggestion, suggestion


def test_completion_counts_only_visible_rows() -> None:
    mine = [lead for lead in WORLD.leads if lead.office.slug == "acme"]
    shown = " | ".join(suggestions("status:"))
    for key, label in mine[0].office.statuses.items():
        count = sum(lead.status == key for lead in mine)
        assert label in shown
        assert str(count) in shown, shown


@random_queries(25)
@given(data=st.data(), kind=st.sampled_from(["lead", "sms"]))
def test_completion_in_any_query_shows_nothing_of_another_organization(
    data: st.DataObject, kind: str
) -> None:
    query = data.draw(SEARCHES["rita", kind])
    text = Notation(WORLD.person("rita").office, kind).query(query)
    cursor = data.draw(st.integers(0, len(text)))
    for one in search.complete(PRODUCT[kind], text, cursor, searcher("rita"), NOW):
        shown = f"{one.label} {one.detail}"
        assert not any(secret in shown for secret in ("Secret", "Rival", PRIVATE)), text
