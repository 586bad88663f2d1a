"""Slow searches of one person or organization leave the others their threads."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads.models import Lead
from search import limits, slow_searches
from search.language.errors import Code, Problem, QueryError
from smscenter.accounts.models import User
from tests import factories
from tests.html import html_of

HTMX = {"HX-Request": "true"}
TOO_SLOW = QueryError(Problem(Code.TOO_SLOW, "", 0, 0), "")
SECONDS = 30  # after which a test fails


def person(pk: int, organization: int) -> Any:
    return SimpleNamespace(pk=pk, organization_id=organization)


def test_slow_searches_leave_a_thread_of_gunicorn_free() -> None:
    configuration = Path("gunicorn.conf.py").read_text()
    threads = re.search(r"^threads = (\d+)$", configuration, re.MULTILINE)
    assert threads
    assert int(threads[1]) > slow_searches.IN_PROCESS


@dataclass
class Searches:
    """Searches that are too slow for the limit `quick`, and then last until the end."""

    pool: ThreadPoolExecutor
    outcomes: Queue[str] = field(default_factory=Queue)
    end: Event = field(default_factory=Event)

    def start(self, users: Iterable[Any]) -> Counter[str]:
        """Start a search for each user. Return how many began, and how many were refused."""
        searches = [self.pool.submit(self._search, user) for user in users]
        return Counter(self.outcomes.get(timeout=SECONDS) for _ in searches)

    def _search(self, user: Any) -> None:
        tries: list[str] = []

        def search() -> None:
            tries.append("quick" if not tries else "long")
            if tries[-1] == "quick":
                raise TOO_SLOW
            self.outcomes.put("began")
            self.end.wait(SECONDS)

        try:
            slow_searches.run("rows", f"slow:{id(tries)}", user, search)
        except QueryError as error:
            self.outcomes.put(str(error.original.code))
        finally:
            connections.close_all()


@contextmanager
def searches() -> Iterator[Searches]:
    with ThreadPoolExecutor(9) as pool:
        running = Searches(pool)
        try:
            yield running
        finally:
            running.end.set()


@pytest.mark.django_db
def test_an_organization_leaves_the_others_their_threads() -> None:
    with searches() as slow:
        assert slow.start(person(pk, organization=1) for pk in range(8)) == {"began": 2, "busy": 6}
        assert slow.start([person(9, organization=2)]) == {"began": 1}
        assert slow.start([person(10, organization=3)]) == {"busy": 1}  # a thread stays free
        assert slow_searches.run("rows", "fast", person(0, organization=1), lambda: 7) == 7

    with searches() as slow:
        assert slow.start([person(0, organization=1)]) == {"began": 1}


@pytest.mark.django_db
def test_ten_tabs_of_a_person_run_one_slow_search() -> None:
    with searches() as slow:
        assert slow.start([person(1, organization=1)] * 8) == {"began": 1, "busy": 7}
        assert slow.start([person(2, organization=1)]) == {"began": 1}


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no such locks")
def test_slots_are_counted_across_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IN_PROCESS", "OF_ORGANIZATION_IN_PROCESS", "OF_PERSON_IN_PROCESS"):
        monkeypatch.setattr(slow_searches, name, 100)

    with searches() as slow:
        assert slow.start([person(1, organization=1)] * 4) == {"began": 2, "busy": 2}
        assert slow.start(person(pk, organization=1) for pk in (2, 3, 4)) == {"began": 2, "busy": 1}
        assert slow.start([person(5, organization=2)]) == {"began": 1}


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remember every search as a slow one."""
    monkeypatch.setattr("search.slow_searches.cache", SimpleNamespace(get=lambda _key: "slow"))


def test_a_busy_list_tries_again_and_then_stops(
    as_rep: Client, rep: User, lead: Lead, remembered: None
) -> None:
    with slow_searches.slots.take(rep):
        response = as_rep.get("/leads/", {"q": "bluebird"})
        again = [
            as_rep.get("/leads/", {"q": "bluebird"}, headers=HTMX | {"X-Attempt": str(number)})
            for number in (1, 4)
        ]

    assert response.status_code == 429
    assert response["Retry-After"] == "5"
    html = html_of(response)
    assert "Another search of yours is still running" in html
    assert 'hx-get="/leads/?q=bluebird"' in html
    assert "<mark>" not in html
    assert '<p id="list-total" role="status"></p>' in html
    assert ['"X-Attempt": "2"' in html_of(each) for each in again] == [True, False]
    assert "Trying again" not in html_of(again[1])
    assert "Bluebird Bakery</a>" in html_of(as_rep.get("/leads/", {"q": "bluebird"}))


def test_a_download_occupies_a_slot_until_its_end(as_rep: Client, rep: User, lead: Lead) -> None:
    downloaded: Any = as_rep.get("/leads/export/")
    busy = as_rep.get("/leads/export/")

    assert busy.status_code == 429
    assert "Another search of yours is still running" in html_of(busy)
    assert b"Bluebird Bakery" in b"".join(downloaded)
    assert as_rep.get("/leads/export/").status_code == 200


def test_a_selection_waits_for_other_slow_searches(
    as_rep: Client, rep: User, lead: Lead, remembered: None
) -> None:
    with slow_searches.slots.take(rep):
        response = as_rep.get("/leads/change/", {"q": "bluebird", "only": "all"}, follow=True)

    assert "Another search of yours is still running" in html_of(response)


def test_a_count_that_is_slow_comes_after_the_rows(
    as_rep: Client, rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(51):
        factories.lead(rep, f"Bluebird {number}")
    with monkeypatch.context() as patch:
        patch.setattr("search.answering.list_pages.count_of", _interrupted)
        html = html_of(as_rep.get("/leads/", {"q": "bluebird"}))
        assert 'hx-get="?q=bluebird&amp;count=1"' in html
        assert '50+<span class="visually-hidden"> leads</span>' in html
        late = as_rep.get("/leads/", {"q": "bluebird", "count": "1"}, headers=HTMX)
        assert late.status_code == 204  # so the page keeps 50+

    late = as_rep.get("/leads/", {"q": "bluebird", "count": "1"}, headers=HTMX)

    assert '>51<span class="visually-hidden"> leads</span>' in html_of(late)
    monkeypatch.setattr("search.answering.list_pages.count_of", _interrupted)
    html = html_of(as_rep.get("/leads/", {"q": "bluebird"}))
    assert "count=1" not in html
    assert '51<span class="visually-hidden"> leads</span>' in html


@pytest.mark.once
def test_rows_over_the_limit_are_not_counted_for_each_page(
    as_rep: Client, as_stranger: Client, rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(51):
        factories.lead(rep, f"Bluebird {number}")
    monkeypatch.setattr("search.limits.COUNT_LIMIT", 50)
    for text in ("", "bluebird"):
        html_of(as_rep.get("/leads/", {"q": text}))
        with CaptureQueriesContext(connection) as queries:
            html = html_of(as_rep.get("/leads/", {"q": text}))
        assert '50+<span class="visually-hidden"> leads</span>' in html
        assert not any("COUNT(" in query["sql"] for query in queries)
        assert "50+" not in html_of(as_stranger.get("/leads/", {"q": text}))


def _interrupted(*_: object, **__: object) -> Any:
    raise OperationalError(limits.INTERRUPTED)


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite limits the block itself")
def test_the_statements_of_a_block_share_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(limits, "monotonic", lambda: now[0])

    def three_statements() -> None:
        with limits.time_limit(3.0):
            assert _timeout() == "3s"
            now[0] += 1
            assert _timeout() == "2s"
            now[0] += 3
            _timeout()

    with pytest.raises(QueryError) as raised:
        three_statements()
    assert raised.value.original.code is Code.TOO_SLOW
    assert _timeout() == "0"


def _timeout() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


def test_a_slow_admin_page_says_so(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leads.admin.LeadAdmin.get_queryset", _interrupted)

    response = admin_client.get("/admin/leads/lead/", {"q": "bluebird"})

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "This took too long" in html_of(response)
    assert admin_client.get("/admin/").status_code == 200


def test_the_palette_and_merging_say_that_finding_leads_took_too_long(
    as_rep: Client, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leads.views.palette.run", _interrupted)

    palette = html_of(as_rep.get("/palette/", {"q": "bluebird"}, headers=HTMX))
    merge = html_of(as_rep.get(f"/leads/{lead.pk}/merge/", {"q": "bluebird"}))

    assert "Finding leads took too long" in palette
    assert "Search leads for “bluebird”" in palette
    assert "This search took too long" in merge
    assert "No other leads match" not in merge
