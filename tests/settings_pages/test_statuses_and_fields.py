"""Managers order, rename, and remove lead statuses and custom fields. Nothing is lost at once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from leads.changing import removing
from leads.models import CustomField, DeletedLead, Lead, LeadStatus
from smscenter.accounts.models import User
from tests.html import html_of

pytestmark = pytest.mark.once


@pytest.fixture
def statuses(lead: Lead) -> list[LeadStatus]:
    """Return New, which the lead has, and two others."""
    more = [
        LeadStatus(organization=lead.organization, label=label, position=position)
        for position, label in enumerate(("Working", "Won"), start=1)
    ]
    return [lead.status, *LeadStatus.objects.bulk_create(more)]


@pytest.fixture
def budget(lead: Lead) -> CustomField:
    field = CustomField.objects.create(
        organization=lead.organization, name="Budget", kind=CustomField.Kind.NUMBER
    )
    Lead.objects.update(custom={"Budget": 25})
    return field


def labels(user: User) -> list[str]:
    return [str(status) for status in LeadStatus.objects.visible_to(user)]


def test_a_status_is_added_last_and_moved_by_buttons(
    as_manager: Client, manager: User, statuses: list[LeadStatus]
) -> None:
    as_manager.post("/settings/statuses/new/", {"label": "Lost", "color": "pink"})
    assert labels(manager) == ["New", "Working", "Won", "Lost"]
    lost = LeadStatus.objects.get(label="Lost")
    as_manager.post(f"/settings/statuses/{lost.pk}/move/", {"to": "up"})
    assert labels(manager) == ["New", "Working", "Lost", "Won"]
    as_manager.post(f"/settings/statuses/{lost.pk}/move/", {"index": "0"})
    assert labels(manager) == ["Lost", "New", "Working", "Won"]
    as_manager.post(f"/settings/statuses/{lost.pk}/move/", {"to": "up", "index": "9" * 30})
    assert labels(manager) == ["Lost", "New", "Working", "Won"]


def test_a_removed_status_comes_back_with_its_leads(
    as_manager: Client, manager: User, lead: Lead, statuses: list[LeadStatus]
) -> None:
    new, working, _ = statuses
    page = as_manager.get(f"/settings/statuses/{new.pk}/remove/")
    assert "<strong>1 lead</strong> with this status gets another one." in html_of(page)
    removal = {"replacement": working.pk}
    page = as_manager.post(f"/settings/statuses/{new.pk}/remove/", removal, follow=True)
    assert labels(manager) == ["Working", "Won"]
    assert Lead.objects.get().status == working
    assert "Recently removed" in html_of(page)
    page = as_manager.post("/settings/statuses/new/", {"label": "new", "color": "gray"})
    assert "This was removed. Restore it below the list" in html_of(page)
    as_manager.post(f"/settings/statuses/{new.pk}/restore/")
    assert labels(manager) == ["Working", "Won", "New"]
    assert Lead.objects.get().status == new


def test_the_last_status_stays(as_manager: Client, lead: Lead) -> None:
    page = as_manager.get(f"/settings/statuses/{lead.status_id}/remove/")
    assert "you can't remove the last one" in html_of(page)
    as_manager.post(f"/settings/statuses/{lead.status_id}/remove/", {"replacement": "1"})
    assert LeadStatus.objects.get().removed is None


def test_two_managers_cannot_remove_both_of_two_statuses(
    manager: User, statuses: list[LeadStatus]
) -> None:
    """Each one's form was checked before the other's was saved."""
    new, working, won = statuses
    assert removing.remove_status(won, new, manager)
    assert removing.remove_status(new, working, manager)
    assert not removing.remove_status(working, new, manager)
    assert labels(manager) == ["Working"]


def test_a_status_is_gone_after_30_days_even_if_a_deleted_lead_has_it(
    manager: User, lead: Lead, statuses: list[LeadStatus]
) -> None:
    new, working, _ = statuses
    DeletedLead.objects.create(organization=lead.organization, lead=lead)
    removing.remove_status(new, working, manager)
    removing.delete_removed()
    assert Lead.objects.get().status == new
    LeadStatus.objects.filter(pk=new.pk).update(removed=timezone.now() - timedelta(days=30))
    removing.delete_removed()
    assert Lead.objects.get().status == working
    assert not LeadStatus.objects.filter(pk=new.pk).exists()


def test_a_renamed_field_keeps_its_values(
    as_manager: Client, as_rep: Client, lead: Lead, budget: CustomField
) -> None:
    posted = {"name": "Yearly budget", "kind": "text"}
    page = as_manager.get(f"/settings/fields/{budget.pk}/edit/")
    assert "t be changed, because leads have values." in html_of(page)
    as_manager.post(f"/settings/fields/{budget.pk}/edit/", posted)
    budget.refresh_from_db()
    assert (budget.name, budget.kind) == ("Yearly budget", "number")
    assert "<dt>Yearly budget</dt>" in html_of(as_rep.get(f"/leads/{lead.pk}/"))
    page = as_rep.get("/leads/", {"q": '"custom.Yearly budget":25'})
    assert lead.name in html_of(page)
    page = as_manager.post("/settings/fields/new/", {"name": "budget", "kind": "text"})
    assert "You already have “Yearly budget”." in html_of(page)


def test_a_removed_field_is_hidden_with_its_values_until_it_is_restored(
    as_manager: Client, as_rep: Client, lead: Lead, budget: CustomField
) -> None:
    page = as_manager.get(f"/settings/fields/{budget.pk}/remove/")
    assert "<strong>1 lead</strong> loses the value of this field." in html_of(page)
    as_manager.post(f"/settings/fields/{budget.pk}/remove/")
    assert "Budget" not in html_of(as_rep.get(f"/leads/{lead.pk}/"))
    as_manager.post(f"/settings/fields/{budget.pk}/restore/")
    assert "Budget" in html_of(as_rep.get(f"/leads/{lead.pk}/"))
    CustomField.objects.update(removed=timezone.now() - timedelta(days=30))
    removing.delete_removed()
    assert Lead.objects.get().custom == {}
    assert not CustomField.objects.exists()


def test_a_choice_field_needs_choices(as_manager: Client, manager: User) -> None:
    posted = {"name": "Size", "kind": "choice", "choices": " \n"}
    page = as_manager.post("/settings/fields/new/", posted)
    assert "Add at least one choice." in html_of(page)
    as_manager.post("/settings/fields/new/", posted | {"choices": "Small\nLarge\nSmall"})
    assert CustomField.objects.get().choices == ["Small", "Large"]


@pytest.mark.parametrize("page", ["statuses", "fields"])
def test_reps_cannot_change_them(as_rep: Client, lead: Lead, page: str) -> None:
    row = lead.status if page == "statuses" else CustomField(organization=lead.organization)
    row.save()
    for action in ("edit", "move", "remove", "restore"):
        assert as_rep.post(f"/settings/{page}/{row.pk}/{action}/").status_code == 403
    assert as_rep.get(f"/settings/{page}/").status_code == 403
