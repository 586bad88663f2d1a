"""A text waits for a few seconds after Send, and Undo puts it back into the composer."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from leads.models import ContactPhone, Lead
from messaging.models import Attempt, SenderNumber, SmsMessage
from messaging.outgoing import claims
from tests.html import html_of
from tests.messaging.composing.forms import HTMX, form, post


@pytest.fixture(autouse=True)
def undo_seconds(settings: Settings) -> None:
    settings.SEND_UNDO_SECONDS = 5


def undo(client: Client, message: SmsMessage, *, htmx: bool = True, **data: Any) -> Any:
    return client.post(f"/messages/{message.pk}/undo/", data, headers=HTMX if htmx else {})


@pytest.mark.once
def test_a_text_waits_after_send(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    html = html_of(post(as_rep, lead, "new", form(phone, sender)))
    message = SmsMessage.objects.get()
    assert (message.status, message.scheduled) == ("outbox", None)
    assert f'action="/messages/{message.pk}/undo/"' in html
    assert "Sending…" in html
    assert not claims.claim(10).attempts
    due = message.attempts.get().due
    assert timedelta(seconds=3) < due - timezone.now() <= timedelta(seconds=5)
    assert len(claims.claim(10, at=due).attempts) == 1


@pytest.mark.parametrize("htmx", [True, pytest.param(False, marks=pytest.mark.once)])
def test_undo_puts_the_text_back(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber, htmx: bool
) -> None:
    response = post(as_rep, lead, "new", form(phone, sender), htmx=htmx)
    message = SmsMessage.objects.get()
    if not htmx:
        assert f'action="/messages/{message.pk}/undo/"' in html_of(as_rep.get(response.url))
    response = undo(as_rep, message, htmx=htmx)
    assert "Text not sent." in html_of(response)
    assert "See you at 9?</textarea>" in html_of(response)
    assert not SmsMessage.objects.exists()
    assert not Attempt.objects.exists()
    assert post(as_rep, lead, "new", form(phone, sender)).status_code == 200


@pytest.mark.once
def test_undo_keeps_what_was_typed_meanwhile(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    post(as_rep, lead, "new", form(phone, sender))
    response = undo(as_rep, SmsMessage.objects.get(), text="And bring a friend")
    assert "See you at 9?\n\nAnd bring a friend</textarea>" in response.content.decode()


def test_it_is_too_late_once_a_worker_took_the_text(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    post(as_rep, lead, "new", form(phone, sender))
    message = SmsMessage.objects.get()
    claims.claim(10, at=message.attempts.get().due)
    response = undo(as_rep, message, text="Half a sentence")
    assert "Too late to undo: this text is being sent." in html_of(response)
    assert "Half a sentence</textarea>" in html_of(response)
    assert message.attempts.get().state == "sending"
    page = html_of(as_rep.get(f"{lead.get_absolute_url()}?sent={message.pk}"))
    assert "/undo/" not in page


@pytest.mark.once
def test_sent_texts_cannot_be_undone(
    as_rep: Client, as_stranger: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    post(as_rep, lead, "new", form(phone, sender))
    message = SmsMessage.objects.get()
    assert undo(as_stranger, message).status_code == 404
    Attempt.objects.update(state="accepted")
    SmsMessage.objects.update(status="sent")
    assert "Too late to undo" in html_of(undo(as_rep, message))
    assert SmsMessage.objects.exists()


@pytest.mark.once
def test_undo_can_be_turned_off(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber, settings: Settings
) -> None:
    settings.SEND_UNDO_SECONDS = 0
    assert "Undo" not in html_of(post(as_rep, lead, "new", form(phone, sender)))
    assert len(claims.claim(10).attempts) == 1
