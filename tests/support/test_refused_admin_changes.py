"""Test that the admin never reports success for a rejected change."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest, SupportRequestEvent, Whitelisting
from smscenter.support.models.states import State
from smscenter.support.requests.whitelistings import revoke
from smscenter.support.review.actions import assign
from tests import factories

pytestmark = pytest.mark.once

Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]


def open_form(client: Client, row: Model) -> tuple[str, dict[str, Any]]:
    """Return the URL of the form, and its unchanged data as a browser sends it."""
    url = reverse(f"admin:support_{row._meta.model_name}_change", args=[row.pk])
    page = client.get(url)
    context = page.context
    forms = [context["adminform"].form]
    forms += [rows.formset.management_form for rows in context["inline_admin_formsets"]]
    fields = [form[name] for form in forms for name in form.fields]
    sent = {field.html_name: field.value() for field in fields}
    shown = [field for field in fields if field.field.show_hidden_initial]
    sent |= {field.html_initial_name: field.value() for field in shown}
    for field in shown:
        assert f'name="{field.html_initial_name}"' in page.content.decode()
    return url, {name: "" if value is None else value for name, value in sent.items()}


def post_form(client: Client, url: str, data: dict[str, Any]) -> list[str]:
    """Return the messages on the next page."""
    return [str(notice) for notice in client.post(url, data, follow=True).context["messages"]]


def test_a_decided_request_cannot_be_assigned(
    as_staff: Client, staff: User, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.REFUSED)
    history = support_request.events.count()
    url, data = open_form(as_staff, support_request)
    notices = post_form(as_staff, url, data | {"assignee": staff.pk, "carrier_ticket": "T-17"})
    assert notices == ["This request is refused, so it can't be assigned. Nothing was saved."]
    support_request.refresh_from_db()
    assert (
        support_request.assignee,
        support_request.carrier_ticket,
        support_request.events.count(),
    ) == (None, "", history)
    assert not LogEntry.objects.exists()


def test_a_request_cannot_be_assigned_without_review_permission(
    as_staff: Client, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.SUBMITTED)
    clerk = factories.user(None, "clara", is_staff=True)
    url, data = open_form(as_staff, support_request)
    notices = post_form(as_staff, url, data | {"assignee": clerk.pk})
    assert notices == ["Only support staff can be assigned requests. Nothing was saved."]
    assert not LogEntry.objects.exists()


def test_the_expiry_of_a_revoked_whitelisting_cannot_be_changed(
    as_staff: Client, staff: User, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.WHITELISTED)
    whitelisting = Whitelisting.objects.get()
    url, _ = open_form(as_staff, whitelisting)
    data = {"expires_0": "2100-01-31", "expires_1": "12:00:00"}
    revoke(whitelisting, staff, "Complaints.")
    notices = post_form(as_staff, url, data)
    assert notices == ["This whitelisting is no longer active. Nothing was saved."]
    assert not LogEntry.objects.exists()


def test_a_valid_change_shows_a_success_message(
    as_staff: Client, staff: User, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.SUBMITTED)
    url, data = open_form(as_staff, support_request)
    [notice] = post_form(as_staff, url, data | {"assignee": staff.pk})
    assert "was changed successfully" in notice
    assert LogEntry.objects.get().get_change_message() == "Changed Assignee."


def test_a_request_assigned_meanwhile_is_not_reassigned(
    as_staff: Client, staff: User, supporter: User, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.SUBMITTED)
    url, data = open_form(as_staff, support_request)
    assign(support_request, supporter, supporter)
    notices = post_form(as_staff, url, data | {"assignee": staff.pk})
    assert notices == ["Someone else changed this request. Reload the page. Nothing was saved."]
    assert SupportRequest.objects.get().assignee == supporter


def test_a_stale_page_only_saves_its_own_changes(
    as_staff: Client, staff: User, supporter: User, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.SUBMITTED)
    url, data = open_form(as_staff, support_request)
    assign(support_request, supporter, supporter)
    post_form(as_staff, url, data | {"carrier_ticket": "T-17"})
    post_form(as_staff, url, data)
    changed = SupportRequest.objects.get()
    assert (changed.assignee, changed.carrier_ticket) == (supporter, "T-17")
