"""Test the limits: a search that's too complex or too slow shows an error on the page."""

import json
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from environs import Env
from pytest_django import Settings

from leads.models import Lead
from search.guidance import completion
from search.models import SavedView
from smscenter.accounts.models import User
from smscenter.database import time_limits
from tests import factories
from tests.search.slow_field import slow_field

SIX = "sms(lead(sms(lead(sms(lead(name:bluebird))))))"
SEVEN = SIX.replace("name:bluebird", "sms(text:hello)")
# Within the level limit, but more parentheses than SQLite can parse.
TANGLED = "name:zebra"
for name in ("lead", "sms") * 3:
    TANGLED = f"not {name}(updated:today or {TANGLED})"


@pytest.fixture
def slow(settings: Settings) -> Iterator[None]:
    short = ["rows", "count", "selection", "export", "suggestions", "completion", "article"]
    short += ["looking"]
    settings.SEARCH_SECONDS = settings.SEARCH_SECONDS | dict.fromkeys(short, 0.1) | {"quick": 0.05}
    with slow_field():
        yield


@pytest.fixture
def texted(lead: Lead) -> Lead:
    factories.message(lead)
    return lead


def page(client: Client, query: str, url: str = "/leads/") -> str:
    response = client.get(url, {"q": query})
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def view(owner: User, name: str, query: str, **fields: bool) -> SavedView:
    assert owner.organization is not None
    return SavedView.objects.create(
        organization=owner.organization, owner=owner, name=name, query=query, **fields
    )


def chain(owner: User, length: int) -> None:
    """Create a chain of views, each of which uses the previous one."""
    for number in range(1, length + 1):
        query = f'in:"Level {number - 1}" limit:100' if number > 1 else "sort:name limit:100"
        view(owner, f"Level {number}", query, shared=True)


def test_six_levels_of_groups_run(as_rep: Client, texted: Lead) -> None:
    assert "Bluebird Bakery</a>" in page(as_rep, SIX)


def test_a_seventh_level_of_groups_is_rejected_and_marked(as_rep: Client, texted: Lead) -> None:
    html = page(as_rep, SEVEN)

    assert "Groups can&#x27;t be nested more than 6 levels deep" in html
    assert "<mark>sms(text:hello)</mark>" in html


def test_six_levels_of_views_run(as_rep: Client, colleague: User, lead: Lead) -> None:
    chain(colleague, 6)

    assert "Bluebird Bakery</a>" in page(as_rep, 'in:"Level 6"')


def test_pages_work_with_views_nested_too_deeply(
    as_rep: Client, colleague: User, lead: Lead
) -> None:
    chain(colleague, 9)

    html = page(as_rep, 'bluebird in:"Level 9"')
    assert "Views can&#x27;t be nested more than 6 levels deep" in html
    assert "in:<mark>&quot;Level 9&quot;</mark>" in html
    for url in ("/views/", "/views/sidebar/", "/views/counts/"):
        assert as_rep.get(url).status_code == 200
    counts = " ".join(as_rep.get("/views/counts/").content.decode().split())
    assert counts.count(">1</span>") == 6 + 1  # the query of the seventh has six levels
    assert counts.count("Too complex to count") == 2 * 2


def test_groups_in_a_view_count_toward_the_levels_around_it(
    as_rep: Client, rep: User, texted: Lead
) -> None:
    view(rep, "Deep", SIX)

    assert "Bluebird Bakery</a>" in page(as_rep, 'in:"Deep"')
    html = page(as_rep, 'sms(lead(in:"Deep"))')
    assert "Groups can&#x27;t be nested more than 6 levels deep" in html
    assert "<mark>&quot;Deep&quot;</mark>" in html


def test_a_query_that_the_database_rejects_shows_an_error(as_rep: Client, texted: Lead) -> None:
    html = page(as_rep, TANGLED)

    refused = connection.vendor == "sqlite"
    assert ("This search is too complex to run" in html) == refused
    assert ("<mark>" in html) == refused
    assert as_rep.get("/leads/export/", {"q": TANGLED}).status_code == (422 if refused else 200)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL reads more parentheses")
def test_a_view_that_the_database_rejects_is_not_saved(as_rep: Client, rep: User) -> None:
    response = as_rep.post("/views/new/", {"name": "Tangled", "query": TANGLED})

    assert response.status_code == 422
    assert "This search is too complex to run" in response.content.decode()


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL reads more parentheses")
def test_the_shell_reports_a_query_that_the_database_rejects(rep: User, texted: Lead) -> None:
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("search", TANGLED, organization="acme", user="rita", format="json", stdout=out)

    assert ended.value.code == 2
    assert json.loads(out.getvalue())["error"]["code"] == "too_complex"


def test_a_slow_search_is_stopped_with_advice(as_rep: Client, lead: Lead, slow: None) -> None:
    html = page(as_rep, "slow:x")

    assert "This search took too long" in html
    assert "<mark>slow:x</mark>" in html
    assert "Bluebird Bakery</a>" not in html
    assert "Bluebird Bakery</a>" in page(as_rep, "bluebird")


def test_a_slow_search_of_messages_is_stopped_too(as_rep: Client, texted: Lead, slow: None) -> None:
    assert "This search took too long" in page(as_rep, "lead(slow:x)", "/messages/")


def test_rows_are_shown_if_only_counting_is_too_slow(
    as_rep: Client, rep: User, slow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(51):
        factories.lead(rep, f"Bluebird {number}")
    monkeypatch.setattr("search.answering.list_pages.count_of", _count_slowly)

    html = page(as_rep, "bluebird")

    assert '50+<span class="visually-hidden"> leads</span>' in html
    assert "Bluebird 50</a>" in html


def _count_slowly(*_: object) -> None:
    list(Lead.objects.search("slow:x", user=User.objects.get(username="rita")))


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="has a limit for each connection")
def test_a_slow_export_shows_an_error_instead_of_a_file(
    as_rep: Client, lead: Lead, slow: None
) -> None:
    response = as_rep.get("/leads/export/", {"q": "slow:x"})

    assert response.status_code == 422
    html = response.content.decode()
    assert "This search took too long" in html
    assert 'href="/leads/?q=slow%3Ax"' in html


def test_the_time_limit_ends_with_the_search(as_rep: Client, lead: Lead, slow: None) -> None:
    page(as_rep, "slow:x")

    user = User.objects.get(username="rita")
    assert list(Lead.objects.search("slow:x", user=user)) == [lead]


def test_explaining_an_empty_result_has_a_time_limit(
    as_rep: Client, lead: Lead, slow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.answering.list_pages.count_of", _count_slowly)

    html = page(as_rep, "zebra bluebird")

    assert "No leads match this search" in html
    assert "Without <code>" not in html


def test_an_article_omits_counts_that_are_too_slow(
    as_rep: Client, lead: Lead, slow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smscenter.support.help.article.Article.queries", ["slow:x"])

    response = as_rep.get("/help/why-texts-fail/")

    assert response.status_code == 200


def test_completion_omits_counts_that_are_too_slow(
    as_rep: Client, lead: Lead, slow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completion, "count_of", _count_slowly)

    html = as_rep.get("/search/complete/", {"q": "status:", "cursor": "7"}).content.decode()

    assert "New" in html
    assert "1 lead" not in html
    monkeypatch.undo()  # but that isn't tried again for some minutes
    with CaptureQueriesContext(connection) as queries:
        html = as_rep.get("/search/complete/", {"q": "status:n", "cursor": "8"}).content.decode()
    assert "1 lead" not in html
    assert not any("COUNT" in query["sql"] for query in queries)


def test_completion_keeps_counts(as_rep: Client, lead: Lead) -> None:
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            html = as_rep.get("/search/complete/", {"q": "status:n"}).content.decode()
        assert "1 lead" in html
    assert not any("COUNT" in query["sql"] for query in queries)


def test_limits_are_set_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEARCH_TIMEOUT_SECONDS", "8")
    monkeypatch.setenv("SEARCH_SECONDS", "count=0.5,selection=20")
    seconds = time_limits.read(Env())["SEARCH_SECONDS"]
    named = {name: seconds[name] for name in ("rows", "selection", "count", "palette")}
    assert named == {"rows": 8, "selection": 20, "count": 0.5, "palette": 0.5}


@pytest.mark.parametrize("wrong", ["conut=1", "count=0", "count=-1"])
def test_a_wrong_limit_is_refused(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEARCH_SECONDS", wrong)
    with pytest.raises(ImproperlyConfigured, match=r"SEARCH_SECONDS has .*'co"):
        time_limits.read(Env())
