"""Test suggested fixes: their content, order, and cost."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import Lead
from search import run
from search.models import SavedView
from smscenter.accounts.models import User
from tests.html import html_of
from tests.search.conftest import NOW
from tests.search.results import query_error

pytestmark = pytest.mark.usefixtures("acme", "customs", "extras")


@pytest.mark.parametrize(
    ("text", "fixes"),
    [
        # November 12 or December 11.
        ("created:11/12/2026", ["created:2026-11-12", "created:2026-12-11"]),
        ("created:12.11.2026", ["created:2026-11-12", "created:2026-12-11"]),
        # A future date, or the same date last year.
        ("created:11/25", ["created:2026-11-25", "created:2025-11-25"]),
    ],
)
def test_an_ambiguous_value_has_a_fix_for_each_reading(
    rep: User, text: str, fixes: list[str]
) -> None:
    assert [fix.query for fix in query_error(text, rep).fixes] == fixes


def test_fixes_with_results_come_first(rep: User, acme: dict[str, Lead]) -> None:
    Lead.objects.filter(pk=acme["bakery"].pk).update(created=NOW - timedelta(days=363))

    # November 25 of this year is in the future. A lead was created on November 25, 2025.
    assert query_error("created:11/25", rep).fix == "created:2025-11-25"


def test_fixes_that_do_not_compile_are_dropped(rep: User) -> None:
    assert query_error("statsu:nothing_like_it", rep).fixes == ()
    assert query_error("(statsu:x) or (a", rep).fixes == ()


def test_a_suggestion_has_its_count(rep: User) -> None:
    [warning] = run("lead", "failed today", rep, NOW).warnings

    assert warning.fixes[0].count == "1 lead"


def test_a_view_with_that_name_is_suggested_first(rep: User) -> None:
    view = SavedView.objects.get(name="Hot leads")
    view.name = "Failed today"
    view.save()

    [warning] = run("lead", "failed today", rep, NOW).warnings

    assert [fix.query for fix in warning.fixes] == [
        'in:"Failed today"',
        "sms(created:today status:error)",
    ]


def test_messages_have_their_own_suggestions(rep: User) -> None:
    for text, fix in (("failed today", "status:error created:today"), ("spam", "reason:spam")):
        [warning] = run("message", text, rep, NOW).warnings
        assert warning.fix == fix


def test_views_and_values_of_other_organizations_are_never_suggested(
    rep: User, stranger: User
) -> None:
    assert stranger.organization is not None
    theirs = {"organization": stranger.organization, "owner": stranger}
    SavedView.objects.create(**theirs, name="Zanzibar", shared=True)

    assert run("lead", "zanzibar", rep, NOW).warnings == ()
    assert query_error("in:zanzibar", rep).fixes == ()


def test_warnings_take_few_queries(rep: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert len(run("lead", "status " * 90, rep, NOW).warnings) <= 3
        assert len(query_error("status:bad fit " * 40, rep).fixes) <= 2
    found = [each["sql"] for each in queries]
    assert sum("SAVEPOINT" not in sql and "set_config" not in sql for sql in found) <= 20


def test_warnings_are_computed_only_on_access(rep: User) -> None:
    result = run("lead", "failed today error spam", rep, NOW)
    list(result.rows)
    assert "warnings" not in vars(result)


def test_the_page_shows_both_fixes_and_the_count(as_rep: Any) -> None:
    html = as_rep.get("/leads/", {"q": "created:11/12/2026"}).content.decode()
    assert "Search for <code>created:2026-11-12</code>" in html
    assert "Search for <code>created:2026-12-11</code>" in html

    html = html_of(as_rep.get("/leads/", {"q": "hot leads"}))
    assert "<code>in:&quot;Hot leads&quot;</code></a> (1 lead)" in html
