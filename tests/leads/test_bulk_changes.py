"""Many leads get another owner or status at once, and their former one back with Undo."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from leads.changing import bulk_changes
from leads.models import BulkChange, Lead, LeadChange, LeadStatus
from messaging.models import SmsMessage
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.html import html_of


@pytest.fixture
def leads(rep: User) -> list[Lead]:
    return [factories.lead(rep, f"Lead {number}") for number in range(3)]


@pytest.fixture
def won(organization: Organization) -> LeadStatus:
    return LeadStatus.objects.create(
        organization=organization, label="Won", position=1, color="green"
    )


def change(client: Client, to: str, *ticked: Lead, query: str = "") -> HttpResponse:
    """Post the change of the ticked rows, or of all that a search finds."""
    data: dict[str, Any] = {"change": to, "only": "all"}
    if ticked:
        data |= {"only": "ticked", "ids": [lead.pk for lead in ticked]}
    response: HttpResponse = client.post(f"/leads/change/?q={query}", data, follow=True)  # type: ignore[assignment]
    return response


def undo(client: Client) -> HttpResponse:
    pk = BulkChange.objects.latest("pk").pk
    return client.post(f"/leads/changes/{pk}/undo/", follow=True)  # type: ignore[return-value]


def owners() -> list[str]:
    return [str(lead.owner) for lead in Lead.objects.order_by("name")]


def test_ticked_leads_are_assigned_and_get_their_owner_back(
    as_rep: Client, rep: User, colleague: User, leads: list[Lead]
) -> None:
    Lead.objects.filter(pk=leads[2].pk).update(owner=colleague)

    html = html_of(change(as_rep, f"owner:{colleague.pk}", leads[0], leads[2]))
    assert "1 lead assigned to carl." in html
    assert owners() == ["carl", "rita", "carl"]
    [row] = LeadChange.objects.all()
    assert (row.lead, row.user, row.old, row.new) == (leads[0], rep, "rita", "carl")

    assert "Undone. 1 lead changed back." in html_of(undo(as_rep))
    assert owners() == ["rita", "rita", "carl"]
    page = html_of(as_rep.get(f"/leads/{leads[0].pk}/"))
    assert "assigned this lead to carl" in page
    assert "· undone" in page


@pytest.mark.once
def test_undo_keeps_what_someone_changed_since(
    as_rep: Client, leads: list[Lead], won: LeadStatus
) -> None:
    former = leads[0].status
    lost = LeadStatus.objects.create(organization=won.organization, label="Lost", position=2)
    change(as_rep, f"status:{won.pk}", *leads)
    Lead.objects.filter(pk=leads[1].pk).update(status=lost)

    undo(as_rep)
    assert [lead.status for lead in Lead.objects.order_by("name")] == [former, lost, former]


def test_all_of_a_search_is_changed_in_the_background(
    as_rep: Client, rep: User, leads: list[Lead], won: LeadStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_changes, "CHUNK", 1)
    monkeypatch.setattr(bulk_changes, "REQUEST_SECONDS", 0)
    page = html_of(as_rep.get("/leads/change/", {"q": "name:lead", "only": "all"}))
    assert "Change 3 leads" in page
    factories.lead(rep, "Other")

    html = html_of(change(as_rep, f"status:{won.pk}", query="name:lead"))
    assert "Running: 1 of 3" in html
    bulk_changes.work_on_all()

    assert Lead.objects.filter(status=won).count() == 3
    assert "3 leads changed to Won." in html_of(as_rep.get("/leads/"))
    undo(as_rep)
    bulk_changes.work_on_all()
    assert not Lead.objects.filter(status=won).exists()


@pytest.mark.parametrize("lost", [{"is_active": False}, {"role": User.Role.READ_ONLY}])
def test_a_step_changes_only_what_its_person_can_still_see(
    as_rep: Client,
    rep: User,
    stranger: User,
    leads: list[Lead],
    won: LeadStatus,
    lost: dict[str, Any],
) -> None:
    theirs = factories.lead(stranger)
    change(as_rep, f"status:{won.pk}", leads[0], theirs)
    theirs.refresh_from_db()
    assert theirs.status != won

    User.objects.filter(pk=rep.pk).update(**lost)
    waiting = BulkChange.objects.create(
        organization=won.organization, kind="status", value=won.pk, created_by=rep,
        selection=[leads[1].pk], total=1,
    )  # fmt: skip
    bulk_changes.work_on_all()
    waiting.refresh_from_db()
    assert waiting.state == BulkChange.State.STOPPED
    leads[1].refresh_from_db()
    assert leads[1].status != won


@pytest.mark.once
def test_a_manager_undoes_the_change_of_someone_who_left(
    as_rep: Client, rep: User, leads: list[Lead], won: LeadStatus
) -> None:
    former, as_manager = leads[0].status, Client()
    as_manager.force_login(factories.user(won.organization, "mona", role=User.Role.MANAGER))
    failed = factories.message(leads[0], status="error", reason="spam")
    change(as_rep, f"status:{won.pk}", leads[0])
    first = BulkChange.objects.get()
    change(as_rep, "handled:", leads[0])
    User.objects.filter(pk=rep.pk).update(is_active=False)
    assert "Undone. 1 failed text changed back." in html_of(undo(as_manager))
    as_manager.post(f"/leads/changes/{first.pk}/undo/")
    leads[0].refresh_from_db()
    failed.refresh_from_db()
    assert (leads[0].status, failed.handled) == (former, None)


@pytest.mark.once
def test_an_owner_of_another_organization_is_refused(
    as_rep: Client, stranger: User, leads: list[Lead]
) -> None:
    assert change(as_rep, f"owner:{stranger.pk}", leads[0]).status_code == 422
    assert owners() == ["rita"] * 3


@pytest.mark.parametrize("url", ["/leads/change/", "/messages/change/"])
def test_failures_are_marked_as_handled_and_reopened(
    as_rep: Client, rep: User, leads: list[Lead], url: str
) -> None:
    texts = [factories.message(lead, status="error", reason="spam") for lead in leads]
    rows = leads if url == "/leads/change/" else texts
    ids = [rows[0].pk, rows[1].pk]

    html = as_rep.post(url, {"change": "handled:", "only": "ticked", "ids": ids}, follow=True)
    assert "2 failed texts marked as handled." in html_of(html)
    handled = SmsMessage.objects.exclude(handled=None)
    assert {text.handled_by for text in handled} == {rep}
    assert handled.count() == 2

    undo(as_rep)
    assert not handled.all().exists()


@pytest.mark.once
def test_ticked_leads_are_exported(as_rep: Client, leads: list[Lead]) -> None:
    response = as_rep.get("/leads/export/", {"only": "ticked", "ids": str(leads[1].pk)})
    content = b"".join(response).decode()
    assert "Lead 1" in content
    assert "Lead 2" not in content


@pytest.mark.once
def test_a_status_is_changed_in_a_cell_of_the_list(
    as_rep: Client, rep: User, leads: list[Lead], won: LeadStatus
) -> None:
    url = f"/leads/{leads[0].pk}/edit/?field=status&from=list"
    assert 'data-dot="green"' in html_of(as_rep.get(url, HTTP_HX_REQUEST="true"))

    cell = html_of(as_rep.post(url, {"status": won.pk}, HTTP_HX_REQUEST="true"))
    assert 'data-dot="green">Won</span>' in cell
    [row] = LeadChange.objects.all()
    assert (row.user, row.old, row.new) == (rep, "New", "Won")
