"""Test saved replies: their pages, their placeholders, and where they're inserted."""

import pytest
from django.test import Client
from django.urls import reverse

from smscenter.accounts.models import User
from smscenter.support.models import SavedReply, SupportRequest
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from smscenter.support.review import forms
from smscenter.support.review.saved_replies import fill_in, known_placeholders

pytestmark = pytest.mark.once

NEW = reverse("saved_reply_new")
TEXT = "Hi {{ requester.first_name|there }}, {{ carrier }} has {{ number }}. {{ user.name }}"


def texts(client: Client, support_request: SupportRequest) -> list[str]:
    page = client.get(reverse("review_detail", args=[support_request.pk]))
    return [text for _, text in page.context["saved_replies"]]


def test_support_staff_write_change_and_delete_them(
    as_supporter: Client, waiting: SupportRequest
) -> None:
    assert "No saved replies yet" in as_supporter.get(reverse("saved_reply_list")).content.decode()
    shown = as_supporter.post(NEW, {"name": "Waiting", "text": TEXT}, follow=True).content.decode()
    assert "Saved “Waiting”." in shown
    assert texts(as_supporter, waiting) == ["Hi rita, Sandbox has (212) 555-0100. sven"]
    saved_reply = SavedReply.objects.get()
    edit = reverse("saved_reply_edit", args=[saved_reply.pk])
    as_supporter.post(edit, {"name": "Waiting", "text": "Please wait."})
    assert texts(as_supporter, waiting) == ["Please wait."]
    as_supporter.post(reverse("saved_reply_delete", args=[saved_reply.pk]))
    assert not SavedReply.objects.exists()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"name": "waiting", "text": "x"}, "already a saved reply with this name"),
        ({"name": "", "text": "x"}, "Enter a name."),
        ({"name": "Other", "text": "{{ lead.name }}"}, "isn&#x27;t a placeholder"),
        ({"name": "Other", "text": "{{ number"}, "isn&#x27;t a complete placeholder"),
        ({"name": "Other", "text": "x" * 2_001}, "Use 2000 characters or fewer."),
    ],
)
def test_wrong_ones_are_not_saved(as_supporter: Client, data: dict[str, str], why: str) -> None:
    SavedReply.objects.create(name="Waiting", text="x")
    response = as_supporter.post(NEW, data)
    assert response.status_code == 422
    assert why in response.content.decode()
    assert SavedReply.objects.count() == 1


def test_there_is_a_limit(as_supporter: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "MOST_REPLIES", 0)
    assert "Delete one first" in as_supporter.post(NEW, {"name": "A", "text": "B"}).content.decode()


def test_every_placeholder_has_a_value(question: SupportRequest, rep: User, staff: User) -> None:
    """Also without a number, and after the requester left."""
    move(question, State.SUBMITTED, rep)
    question.created_by = None
    for placeholder, _ in known_placeholders():
        words = fill_in(placeholder, question, staff)
        assert words
        assert "{" not in words
