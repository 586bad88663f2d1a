"""Test the admin of support requests."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest, SupportRequestEvent, Whitelisting
from smscenter.support.models.history import record
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from tests import factories

pytestmark = pytest.mark.once

Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]
LIST = reverse("admin:support_supportrequest_changelist")


def act(client: Client, support_request: SupportRequest, action: str, note: str = "") -> str:
    data = {"action": action, "_selected_action": [support_request.pk], "note": note}
    return client.post(LIST, data, follow=True).content.decode()


def change(client: Client, support_request: SupportRequest, **data: Any) -> HttpResponse:
    forms = ("TOTAL_FORMS", "INITIAL_FORMS")
    inline = {f"{rows}-{name}": 0 for rows in ("events", "evidence") for name in forms}
    url = reverse("admin:support_supportrequest_change", args=[support_request.pk])
    return client.post(url, inline | data)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("action", "end"),
    [
        ("ask_for_more", State.MORE_INFORMATION),
        ("whitelist", State.WHITELISTED),
        ("refuse", State.REFUSED),
    ],
)
def test_each_action_changes_the_state_and_stores_its_note(
    as_staff: Client, support_request: SupportRequest, bring: Bring, action: str, end: State
) -> None:
    bring(support_request, State.SENT_TO_CARRIER)
    assert f"{support_request}: {end.label}." in act(
        as_staff, support_request, action, "The carrier's words."
    )
    event = support_request.events.last()
    assert event is not None
    assert (event.new, event.note) == (end, "The carrier's words.")
    assert str(event.user) == "susan"


def test_a_question_can_be_answered(
    as_staff: Client, question: SupportRequest, bring: Bring
) -> None:
    bring(question, State.SUBMITTED)
    act(as_staff, question, "answer", "It was a mistake of the carrier.")
    answered = SupportRequest.objects.get()
    assert (answered.state, answered.decision) == ("answered", "It was a mistake of the carrier.")


def test_evidence_links_check_permissions(
    as_staff: Client, support_request: SupportRequest, rep: User
) -> None:
    file = factories.evidence(support_request, rep, "<b>form</b>.txt")
    for url in (
        reverse("admin:support_supportrequest_change", args=[support_request.pk]),
        reverse("admin:support_evidence_change", args=[file.pk]),
    ):
        text = as_staff.get(url).content.decode()
        assert f'<a href="/evidence/{file.pk}/">&lt;b&gt;form&lt;/b&gt;.txt</a>' in text


def test_a_change_by_staff_keeps_simultaneous_edits_by_the_requester(
    as_staff: Client, support_request: SupportRequest, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(support_request, State.MORE_INFORMATION)
    save = SupportRequest.save

    def slow(row: SupportRequest, *args: Any, **kwargs: Any) -> None:
        SupportRequest.objects.filter(pk=row.pk).update(relationship="Friends")
        save(row, *args, **kwargs)

    monkeypatch.setattr(SupportRequest, "save", slow)
    change(as_staff, support_request, carrier_ticket="T-17")
    changed = SupportRequest.objects.get()
    assert (changed.carrier_ticket, changed.relationship) == ("T-17", "Friends")


@pytest.mark.parametrize("model", ["supportrequestevent", "evidence"])
def test_history_and_evidence_are_searchable_and_read_only(
    as_staff: Client, support_request: SupportRequest, rep: User, bring: Bring, model: str
) -> None:
    file = factories.evidence(support_request, rep)
    [event] = bring(support_request, State.SUBMITTED)
    pk, word = (event.pk, "Because") if model == "supportrequestevent" else (file.pk, "form")
    found = as_staff.get(reverse(f"admin:support_{model}_changelist"), {"q": word})
    assert [row.pk for row in found.context["cl"].queryset] == [pk]
    for page in ("add", "change", "delete"):
        url = reverse(f"admin:support_{model}_{page}", args=[] if page == "add" else [pk])
        assert as_staff.post(url, {"note": "Forged", "name": "forged"}).status_code == 403


def test_sending_to_the_carrier_needs_no_note(
    as_staff: Client, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.SUBMITTED)
    act(as_staff, support_request, "send_to_carrier")
    assert SupportRequest.objects.get().state == State.SENT_TO_CARRIER


def test_a_refusal_needs_a_note(
    as_staff: Client, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.SUBMITTED)
    assert "Write a note" in act(as_staff, support_request, "refuse")


def test_the_form_only_changes_the_ticket_and_assignee(
    as_staff: Client, staff: User, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.SUBMITTED)
    data = {"carrier_ticket": "T-17", "assignee": staff.pk}
    forged = {"state": "whitelisted", "website": "https://evil.example", "decision": "Yes"}
    assert change(as_staff, support_request, **data, **forged).status_code == 302
    changed = SupportRequest.objects.get()
    assert (changed.carrier_ticket, changed.assignee) == ("T-17", staff)
    assert (changed.state, changed.website) == ("submitted", "https://acme.example")
    assert changed.decision == ""


def test_only_staff_can_be_assignees(
    as_staff: Client, rep: User, support_request: SupportRequest
) -> None:
    assert change(as_staff, support_request, assignee=rep.pk).status_code == 200
    assert SupportRequest.objects.get().assignee is None


def test_history_is_shown_and_cannot_be_rewritten(
    as_staff: Client, support_request: SupportRequest, bring: Bring
) -> None:
    [event] = bring(support_request, State.SUBMITTED)
    forged = {
        "events-TOTAL_FORMS": 1,
        "events-INITIAL_FORMS": 1,
        "events-0-id": event.pk,
        "events-0-request": support_request.pk,
        "events-0-note": "Forged",
        "events-0-DELETE": "on",
    }
    change(as_staff, support_request, **forged)
    event.refresh_from_db()
    assert event.note == "Because."
    url = reverse("admin:support_supportrequest_change", args=[support_request.pk])
    assert "Because." in as_staff.get(url).content.decode()


@pytest.mark.parametrize("model", ["supportrequest", "whitelisting"])
def test_requests_cannot_be_added_or_deleted(
    as_staff: Client, support_request: SupportRequest, bring: Bring, model: str
) -> None:
    bring(support_request, State.WHITELISTED)
    pk = support_request.pk if model == "supportrequest" else Whitelisting.objects.get().pk
    assert as_staff.get(reverse(f"admin:support_{model}_add")).status_code == 403
    assert as_staff.post(reverse(f"admin:support_{model}_delete", args=[pk])).status_code == 403


def test_requests_can_be_searched(as_staff: Client, support_request: SupportRequest) -> None:
    for query in ("acme.example", "Hi Ada", "2125550100", "Acme"):
        assert list(as_staff.get(LIST, {"q": query}).context["cl"].queryset) == [support_request]
    assert not as_staff.get(LIST, {"q": "xyzzy"}).context["cl"].queryset


def test_requests_can_be_filtered_by_state(
    as_staff: Client, support_request: SupportRequest
) -> None:
    found = as_staff.get(LIST, {"state__exact": "submitted"}).context["cl"].queryset
    assert not found


def revoke(client: Client, whitelisting: Whitelisting, note: str) -> str:
    data = {"action": "revoke", "_selected_action": [whitelisting.pk], "note": note}
    url = reverse("admin:support_whitelisting_changelist")
    return client.post(url, data, follow=True).content.decode()


def test_revoking_a_whitelisting_takes_a_reason(
    as_staff: Client, staff: User, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.WHITELISTED)
    whitelisting = Whitelisting.objects.get()
    assert "Enter a reason" in revoke(as_staff, whitelisting, " ")
    assert f"{whitelisting}: revoked." in revoke(as_staff, whitelisting, "Complaints.")
    whitelisting.refresh_from_db()
    assert not whitelisting.is_in_force()
    assert (whitelisting.revoked_by, whitelisting.revocation) == (staff, "Complaints.")
    assert "no longer active" in revoke(as_staff, whitelisting, "Again.")


def test_the_form_cannot_revoke_a_whitelisting(
    as_staff: Client, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.WHITELISTED)
    whitelisting = Whitelisting.objects.get()
    url = reverse("admin:support_whitelisting_change", args=[whitelisting.pk])
    data = {"expires_0": "", "expires_1": "", "revoked_0": "2100-01-01", "revoked_1": "12:00:00"}
    assert as_staff.post(url, data).status_code == 302
    assert Whitelisting.objects.in_force().exists()


def test_an_assignment_in_the_admin_is_in_the_history(
    as_staff: Client, staff: User, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.SUBMITTED)
    change(as_staff, support_request, assignee=staff.pk)
    assert support_request.events.filter(kind="assignment", user=staff).count() == 1
    move(support_request, State.REFUSED, staff, "No.")
    assert change(as_staff, support_request, assignee="").status_code == 302
    assert SupportRequest.objects.get().assignee == staff


def test_members_cannot_open_the_admin(as_rep: Client, support_request: SupportRequest) -> None:
    assert as_rep.get(LIST).status_code == 302


def test_an_expiry_before_the_start_is_rejected(
    as_staff: Client, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.WHITELISTED)
    whitelisting = Whitelisting.objects.get()
    url = reverse("admin:support_whitelisting_change", args=[whitelisting.pk])
    response = as_staff.post(url, {"expires_0": "2001-01-01", "expires_1": "12:00:00"})
    assert response.status_code == 200
    assert "Choose an expiration date after the grant date." in response.content.decode()


def test_a_changed_expiry_is_in_the_history(
    as_staff: Client, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.WHITELISTED)
    url = reverse("admin:support_whitelisting_change", args=[Whitelisting.objects.get().pk])
    as_staff.post(url, {"expires_0": "2100-01-31", "expires_1": "12:00:00"})
    as_staff.post(url, {"expires_0": "", "expires_1": ""})
    events = support_request.events.filter(kind="note", user__username="susan")
    assert [(event.note, event.internal) for event in events] == [
        ("The whitelisting expires on Jan 31, 2100 (UTC).", False),
        ("The whitelisting doesn't expire.", False),
    ]


def test_a_changed_ticket_is_in_the_history(
    as_staff: Client, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.SUBMITTED)
    change(as_staff, support_request, carrier_ticket="T-17")
    event = support_request.events.get(kind="note")
    assert (event.note, event.internal) == ("Carrier ticket: T-17.", True)
    assert str(event.user) == "susan"


def test_only_administrators_see_drafts(
    as_staff: Client, as_supporter: Client, support_request: SupportRequest, rep: User, bring: Bring
) -> None:
    factories.evidence(support_request, rep)
    record(support_request, SupportRequestEvent.Kind.EDIT, rep, "Changed: website.")
    models = ("supportrequest", "evidence", "supportrequestevent")

    def listed(client: Client) -> list[int]:
        lists = [client.get(reverse(f"admin:support_{model}_changelist")) for model in models]
        return [len(response.context["cl"].result_list) for response in lists]

    change_url = reverse("admin:support_supportrequest_change", args=[support_request.pk])
    assert (listed(as_supporter), listed(as_staff)) == ([0, 0, 0], [1, 1, 1])
    assert as_supporter.get(change_url).status_code == 302
    bring(support_request, State.SUBMITTED)
    assert listed(as_supporter) == [1, 1, 2]
    assert as_supporter.get(change_url).status_code == 200


def test_support_only_sees_requests_and_codes_in_the_admin(as_supporter: Client) -> None:
    """Use the permissions of the group that the migration creates."""
    for meta in (model._meta for model in admin.site._registry):
        is_ours = meta.app_label == "support" or meta.label == "messaging.CarrierCode"
        page = f"admin:{meta.app_label}_{meta.model_name}"
        listed = as_supporter.get(reverse(f"{page}_changelist"))
        assert listed.status_code == (200 if is_ours else 403), meta
        assert as_supporter.get(reverse(f"{page}_add")).status_code == 403, meta
