"""Test saved views, in the sidebar and in queries."""

from typing import Any

import pytest
from django.test import Client

from leads.models import Lead
from search.models import SavedView
from smscenter.accounts.models import User
from tests import factories

pytestmark = pytest.mark.once


def view(owner: User, name: str = "Failures", query: str = "failed_sms > 0", **fields: Any) -> Any:
    assert owner.organization is not None
    return SavedView.objects.create(
        organization=owner.organization, owner=owner, name=name, query=query, **fields
    )


def save(client: Client, url: str = "/views/new/", **data: str) -> Any:
    return client.post(url, {"name": "Failures", "query": "failed_sms > 0"} | data)


@pytest.fixture
def failed(lead: Lead) -> Lead:
    factories.message(lead, status="error", reason="spam")
    return lead


def test_a_search_is_saved_under_a_name(as_rep: Client, rep: User) -> None:
    form = as_rep.get("/views/new/?model=lead&q=failed_sms+%3E+0").content.decode()
    response = save(as_rep)

    saved = SavedView.objects.get()
    assert "failed_sms &gt; 0</textarea>" in form
    assert (saved.owner, saved.organization, saved.model) == (rep, rep.organization, "lead")
    assert response.headers["Location"].startswith("/leads/?q=failed_sms+%3E+0&view=")


def test_a_search_of_messages_is_saved_too(as_rep: Client) -> None:
    response = save(as_rep, "/views/new/?model=message", query="status:error")

    assert SavedView.objects.get().model == "message"
    assert response.headers["Location"].startswith("/messages/?q=status%3Aerror")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"query": "statsu:open"}, "a search field"),
        ({"query": "failed_sms > many"}, "many"),
        ({"query": "failed_sms >"}, "for example <code>failed_sms &gt; 1</code>."),
        ({"name": ""}, "Enter a name."),
        ({"name": "failures"}, "You already have a view with this name."),
    ],
)
def test_an_invalid_view_is_not_saved(
    as_rep: Client, rep: User, data: dict[str, str], expected: str
) -> None:
    view(rep)

    response = save(as_rep, **data)

    assert response.status_code == 422
    assert expected in response.content.decode()


def test_a_view_can_be_used_in_another_view(as_rep: Client, rep: User, failed: Lead) -> None:
    factories.lead(rep, "Quiet Quarry")
    view(rep, "Failures")
    view(rep, "Nested", 'in:"Failures" bluebird')

    for query in ('in:"Failures"', 'in:"nested"'):
        html = as_rep.get("/leads/", {"q": query}).content.decode()
        assert "Bluebird Bakery" in html
        assert "Quiet Quarry" not in html


def test_a_view_that_refers_to_itself_is_not_saved(as_rep: Client, rep: User) -> None:
    first = view(rep, "First")
    view(rep, "Second", 'in:"First"')

    response = save(as_rep, f"/views/{first.pk}/edit/", name="First", query='in:"Second"')

    assert response.status_code == 422
    assert "refers to itself" in response.content.decode()


def test_a_shared_view_is_seen_but_not_changed_by_colleagues(
    as_rep: Client, colleague: User
) -> None:
    shared = view(colleague, "Shared", shared=True)
    view(colleague, "Private")

    html = as_rep.get("/views/").content.decode()
    assert "Shared" in html
    assert "Private" not in html
    for action in ("edit", "delete", "move"):
        assert as_rep.post(f"/views/{shared.pk}/{action}/").status_code == 404


def test_views_can_be_reordered(as_rep: Client, rep: User) -> None:
    for position, name in enumerate("ABC"):
        view(rep, name, position=position)

    def names() -> list[str]:
        return list(SavedView.objects.values_list("name", flat=True))

    last = SavedView.objects.get(name="C")
    as_rep.post(f"/views/{last.pk}/move/", {"to": "up"})
    assert names() == ["A", "C", "B"]
    as_rep.post(f"/views/{last.pk}/move/", {"to": "up"})
    as_rep.post(f"/views/{last.pk}/move/", {"to": "up"})
    assert names() == ["C", "A", "B"]
    as_rep.post(f"/views/{last.pk}/move/", {"to": "down"})
    assert names() == ["A", "C", "B"]


def test_a_view_is_renamed_shared_and_deleted(as_rep: Client, rep: User) -> None:
    mine = view(rep)

    save(as_rep, f"/views/{mine.pk}/edit/", name="Renamed", shared="on")
    mine.refresh_from_db()
    assert (mine.name, mine.shared) == ("Renamed", True)

    as_rep.post(f"/views/{mine.pk}/delete/")
    assert not SavedView.objects.exists()


def test_a_view_finds_rows_of_the_current_user(
    as_stranger: Client, rep: User, stranger: User, failed: Lead
) -> None:
    view(rep, shared=True)

    for url in ("/views/sidebar/", "/views/", "/views/counts/"):
        assert "Failures" not in as_stranger.get(url).content.decode()
        assert "count-badge" not in as_stranger.get(url).content.decode()
    html = as_stranger.get("/leads/", {"q": 'in:"Failures"'}).content.decode()
    assert "Bluebird Bakery" not in html
