"""Test the counts of saved views: they load after the page, and never block each other."""

import re
from collections.abc import Callable, Iterator
from queue import Queue
from threading import current_thread
from time import monotonic, time
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from leads.models import Lead
from search.answering import view_counts
from search.models import SavedView
from smscenter.accounts.models import User
from tests import factories
from tests.search.slow_field import slow_field

Waiting = list[Callable[[], None]]
BADGE = re.compile(r'view-count-(\d+)"[^>]*?(?:\btitle="([^"]*)"\s*)?>([^<]*)<')


@pytest.fixture
def slow(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.SEARCH_SECONDS = settings.SEARCH_SECONDS | {"view": 0.05}
    monkeypatch.setattr(view_counts, "TURN_SECONDS", 0.2)
    with slow_field():
        yield


@pytest.fixture
def without_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_counts, "REST", 0)


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Waiting:
    """Collect turns that would begin in the background."""
    turns: Waiting = []
    monkeypatch.setattr(view_counts, "turns", view_counts.Turns(turns.append))
    return turns


def view(owner: User, name: str = "Failures", query: str = "failed_sms > 0", **fields: Any) -> Any:
    assert owner.organization is not None
    return SavedView.objects.create(
        organization=owner.organization, owner=owner, name=name, query=query, **fields
    )


def badges(client: Client, url: str) -> dict[str, str]:
    """Return the count or the reason next to each view."""
    html = client.get(url).content.decode()
    names = dict(SavedView.objects.values_list("pk", "name"))
    return {names[int(pk)]: title or text for pk, title, text in BADGE.findall(html)}


def polls_again(client: Client, url: str = "/views/counts/") -> bool:
    return "/views/counts/" in client.get(url).content.decode()


def test_the_sidebar_shows_views_before_counts(as_rep: Client, rep: User, lead: Lead) -> None:
    factories.lead(rep)
    factories.message(lead, status="error", reason="spam")
    view(rep, "Failures")
    view(rep, "Everything", "")
    view(rep, "First", "sort:name limit:1")

    sidebar = as_rep.get("/views/sidebar/").content.decode()
    assert {title for _, title, _ in BADGE.findall(sidebar)} == {"Not counted yet"}
    assert 'hx-get="/views/counts/"' in sidebar
    expected = {"Failures": "1", "Everything": "2", "First": "1"}
    assert badges(as_rep, "/views/counts/") == expected
    assert badges(as_rep, "/views/sidebar/") == expected
    assert badges(as_rep, "/views/") == expected
    assert not polls_again(as_rep, "/views/sidebar/")


@pytest.mark.usefixtures("without_pause")
def test_a_broken_view_does_not_affect_other_counts(
    as_rep: Client, rep: User, colleague: User, lead: Lead, slow: None
) -> None:
    for name, query in {
        "Slow": "slow:x",
        "Bug": "slow:broken",
        "Old": "statsu:x",
        "Unreadable": "((",
    }.items():
        view(colleague, name, query, shared=True, position=1)
    view(colleague, "Everything", "", shared=True, position=2)

    for _ in range(3):
        as_rep.get("/views/counts/")
    assert badges(as_rep, "/views/counts/") == {
        "Slow": "Too slow to count",
        "Bug": "This view no longer works",
        "Old": "This view no longer works",
        "Unreadable": "This view no longer works",
        "Everything": "1",
    }
    assert as_rep.get("/views/").status_code == 200


def test_counting_views_has_a_time_limit(
    as_rep: Client, colleague: User, lead: Lead, slow: None
) -> None:
    for number in range(20):
        view(colleague, f"Slow {number}", f"slow:{number}", shared=True)

    counted = badges(as_rep, "/views/counts/")

    assert set(counted.values()) == {"Too slow to count"}
    assert 1 <= len(counted) <= 4
    assert polls_again(as_rep)


def test_views_are_counted_in_the_background_once(
    client: Client, rep: User, colleague: User, stranger: User, waiting: Waiting
) -> None:
    view(rep)
    view(colleague)
    view(stranger, "Theirs")

    for user in (rep, rep, colleague):
        client.force_login(user)
        assert badges(client, "/views/counts/") == {}
        assert polls_again(client)
    assert len(waiting) == 1
    client.force_login(stranger)
    client.get("/views/counts/")

    assert len(waiting) == 2  # another organization doesn't wait
    for turn in waiting:
        turn()
    assert badges(client, "/views/counts/") == {"Theirs": "0"}
    client.force_login(rep)
    assert badges(client, "/views/sidebar/") == {"Failures": "0"}


@pytest.mark.once
def test_a_turn_has_a_thread_of_its_own() -> None:
    names: Queue[str] = Queue()

    view_counts.in_background(lambda: names.put(current_thread().name))

    assert names.get(timeout=30).startswith("view-counts")


def test_counting_pauses_after_each_request(
    as_rep: Client, rep: User, lead: Lead, slow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    view(rep, "Slow", "slow:x")
    badges(as_rep, "/views/counts/")
    view(rep)

    assert "Failures" not in badges(as_rep, "/views/counts/")
    monkeypatch.setattr(view_counts, "monotonic", lambda: monotonic() + 3 * 60)
    assert badges(as_rep, "/views/counts/")["Failures"] == "0"


def test_an_open_page_polls_less_often_and_then_stops(
    as_rep: Client, rep: User, lead: Lead, waiting: Waiting
) -> None:
    view(rep)
    for attempt, delay in (("", 1), ("1", 2), ("2", 4), ("3", 8)):
        html = as_rep.get("/views/counts/", {"attempt": attempt}).content.decode()
        assert f"load delay:{delay}s" in html
    for attempt in ("4", "5", "x", "-1"):
        html = as_rep.get("/views/counts/", {"attempt": attempt}).content.decode()
        assert "load delay" not in html or "delay:1s" in html


@pytest.mark.usefixtures("without_pause")
def test_a_count_is_cached_for_some_seconds(
    as_rep: Client, rep: User, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    view(rep, "Everything", "")
    badges(as_rep, "/views/counts/")
    factories.lead(rep)

    assert badges(as_rep, "/views/counts/") == {"Everything": "1"}
    monkeypatch.setattr(view_counts, "FRESH_SECONDS", -1)
    assert badges(as_rep, "/views/sidebar/") == {"Everything": "1"}
    assert badges(as_rep, "/views/counts/") == {"Everything": "2"}


@pytest.mark.usefixtures("without_pause")
def test_a_page_that_asks_again_shows_what_was_counted_when_it_asked_before(
    as_rep: Client, rep: User, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    view(rep, "Everything", "")
    badges(as_rep, "/views/counts/")
    factories.lead(rep)
    for seconds, count in ((15, "1"), (30, "2")):
        monkeypatch.setattr(view_counts, "time", lambda seconds=seconds: time() + seconds)
        assert badges(as_rep, "/views/sidebar/") == {"Everything": count}
        assert not polls_again(as_rep, "/views/sidebar/")
    monkeypatch.setattr(view_counts, "time", lambda: time() + 60)
    assert polls_again(as_rep, "/views/sidebar/")


@pytest.mark.usefixtures("without_pause")
def test_a_changed_view_is_counted_again(as_rep: Client, rep: User, lead: Lead) -> None:
    mine = view(rep)
    assert badges(as_rep, "/views/counts/") == {"Failures": "0"}

    as_rep.post(f"/views/{mine.pk}/edit/", {"name": "Failures", "query": ""})

    assert badges(as_rep, "/views/sidebar/") == {"Failures": "Not counted yet"}
    assert badges(as_rep, "/views/counts/") == {"Failures": "1"}


@pytest.mark.usefixtures("without_pause")
def test_counts_are_cached_per_user(
    as_rep: Client, client: Client, colleague: User, lead: Lead
) -> None:
    view(colleague, "Mine", "owner:me", shared=True)
    assert badges(as_rep, "/views/counts/") == {"Mine": "1"}

    client.force_login(colleague)

    assert badges(client, "/views/counts/") == {"Mine": "0"}


def test_a_slow_view_is_marked_for_the_whole_organization(
    as_rep: Client, client: Client, colleague: User, lead: Lead, slow: None
) -> None:
    view(colleague, "Slow", "slow:x", shared=True)
    badges(as_rep, "/views/counts/")

    client.force_login(colleague)

    assert badges(client, "/views/sidebar/") == {"Slow": "Too slow to count"}
    assert not polls_again(client, "/views/sidebar/")


def test_shared_views_come_after_the_users_own(as_rep: Client, rep: User, colleague: User) -> None:
    for number in range(60):
        view(colleague, f"Shared {number:02}", shared=True, position=0)
    view(rep, "My own", position=9)

    names = list(badges(as_rep, "/views/sidebar/"))

    assert names[:2] == ["My own", "Shared 00"]
    assert len(names) == 30
    assert "All views" in as_rep.get("/views/sidebar/").content.decode()


@pytest.mark.usefixtures("without_pause")
def test_the_list_of_views_has_pages(as_rep: Client, rep: User, colleague: User) -> None:
    for number in range(60):
        view(colleague, f"Shared {number:02}", shared=True, position=0)
    view(rep, "My own", position=9)

    first, second = as_rep.get("/views/"), as_rep.get("/views/?page=2")

    assert 'href="?page=2"' in first.content.decode()
    assert "Shared 48" in first.content.decode()
    assert "Shared 49" not in first.content.decode()
    assert list(badges(as_rep, "/views/?page=2"))[-1] == "Shared 59"
    assert "/views/counts/?page=2" in second.content.decode()
    assert badges(as_rep, "/views/counts/?page=2")["Shared 59"] == "0"


def test_the_number_of_shared_views_is_limited(
    as_rep: Client, rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.forms.MOST_SHARED_VIEWS", 1)
    shared = view(rep, "Shared", shared=True)

    refused = as_rep.post("/views/new/", {"name": "New", "query": "", "shared": "on"})
    assert refused.status_code == 422
    assert "You&#x27;re sharing 1 views. Stop sharing one" in refused.content.decode()
    assert as_rep.post("/views/new/", {"name": "New", "query": ""}).status_code == 302
    again = {"name": "Renamed", "query": "", "shared": "on"}
    assert as_rep.post(f"/views/{shared.pk}/edit/", again).status_code == 302
