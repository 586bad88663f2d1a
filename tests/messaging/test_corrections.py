"""A failed text is corrected and resent from its label, which then shows what was done."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from leads.models import ContactPhone, Lead
from messaging.models import Attempt, SmsMessage
from search import run
from smscenter.accounts.models import User
from tests import factories

HTMX = {"HX-Request": "true"}
NEW = "+16175550150"
TOKEN = "7d6ee2a4-6a5a-4e0e-9d4d-58bb43d1f8a0"


@pytest.fixture
def failed(lead: Lead) -> SmsMessage:
    message = factories.message(
        lead,
        status="error",
        reason="not_sms_capable",
        contact=factories.contact(lead),
        sender=factories.sender(lead.organization),
    )
    Attempt.objects.create(
        organization=lead.organization, message=message, carrier="sandbox", state="failed"
    )
    return message


def correct(client: Client, message: SmsMessage, **fields: Any) -> HttpResponse:
    typed = {"phone": "617 555 0150", "text": "Hello", "updates_contact": "on", "form_token": TOKEN}
    headers = fields.pop("headers", HTMX)
    url = f"/messages/{message.pk}/correct/?step=correct_number"
    response: HttpResponse = client.post(url, typed | fields, headers=headers)  # type: ignore[assignment]
    return response


def lead_page(client: Client, lead: Lead) -> str:
    return " ".join(client.get(lead.get_absolute_url()).content.decode().split())


def test_it_is_sent_to_the_new_number(as_rep: Client, rep: User, failed: SmsMessage) -> None:
    html = " ".join(correct(as_rep, failed).content.decode().split())

    new = failed.replacements.get()
    assert (new.remote_phone, new.text, new.status, new.user) == (NEW, "Hello", "outbox", rep)
    assert ContactPhone.objects.get().phone == NEW
    failed.refresh_from_db()
    assert (failed.status, failed.handled_by) == ("error", rep)
    assert "Resent to (617) 555-0150 → sending" in html
    assert f'id="message-{failed.pk}"' in html
    assert 'tabindex="-1" autofocus' in html
    SmsMessage.objects.filter(pk=new.pk).update(status="sent")
    assert "Resent to (617) 555-0150 → sent" in lead_page(as_rep, failed.lead)


@pytest.mark.once
def test_the_contact_keeps_the_number_if_unchecked(as_rep: Client, failed: SmsMessage) -> None:
    correct(as_rep, failed, updates_contact="")
    assert failed.replacements.get().remote_phone == NEW
    assert ContactPhone.objects.get().phone == factories.MOBILE


def test_a_second_click_sends_nothing(as_rep: Client, failed: SmsMessage) -> None:
    for _ in range(2):
        assert correct(as_rep, failed).status_code == 200
    assert failed.replacements.count() == 1


@pytest.mark.once
def test_a_mistyped_number_is_refused_in_its_form(as_rep: Client, failed: SmsMessage) -> None:
    response = correct(as_rep, failed, phone="617 555")
    assert response.status_code == 422
    assert response.headers["HX-Retarget"] == f"#correct-{failed.pk}"
    assert "This is a short number" in response.content.decode()
    assert correct(as_rep, failed, phone="1 876 555 0123").status_code == 422
    assert not failed.replacements.exists()


@pytest.mark.once
def test_it_works_without_javascript(as_rep: Client, failed: SmsMessage) -> None:
    page = correct(as_rep, failed, phone="617", headers={})
    assert page.status_code == 422
    assert "<h1>Correct and resend</h1>" in page.content.decode()
    response = correct(as_rep, failed, headers={})
    new = failed.replacements.get()
    assert response.headers["Location"] == f"/leads/{failed.lead_id}/#message-{new.pk}"


@pytest.mark.once
def test_the_number_is_checked_while_it_is_typed(as_rep: Client, failed: SmsMessage) -> None:
    def checked(phone: str, text: str = "Hello") -> str:
        url, fields = f"/messages/{failed.pk}/correct/check/", {"phone": phone, "text": text}
        return as_rep.post(url, fields, headers=HTMX).content.decode()

    assert "This is a short number" in checked("617 555")
    assert "United States number." in checked("617 555 0150")
    assert "to (617) 555-0150</span>" in checked("617 555 0150")
    assert "in Jamaica" in checked("1 876 555 0123")
    assert "<mark>" in checked("617 555 0150", "See bit.ly/offer")


@pytest.mark.once
def test_a_text_without_a_sender_number_asks_for_one(as_rep: Client, failed: SmsMessage) -> None:
    SmsMessage.objects.update(sender=None)
    response = correct(as_rep, failed)
    assert response.status_code == 422
    assert "Choose a sender number." in response.content.decode()
    correct(as_rep, failed, sender=failed.sender_id)
    assert failed.replacements.get().sender_id == failed.sender_id


def test_undo_restores_the_number_and_the_label(
    as_rep: Client, failed: SmsMessage, settings: Settings
) -> None:
    settings.SEND_UNDO_SECONDS = 20
    html = correct(as_rep, failed).content.decode()
    new = failed.replacements.get()
    assert f'action="/messages/{new.pk}/correct/undo/"' in html
    html = as_rep.post(f"/messages/{new.pk}/correct/undo/", headers=HTMX).content.decode()
    failed.refresh_from_db()
    assert "Text not sent." in html
    assert "Correct and resend</button>" in html
    assert (failed.handled, failed.replacements.count()) == (None, 0)
    assert ContactPhone.objects.get().phone == factories.MOBILE


def test_a_waiting_retry_is_canceled(as_rep: Client, failed: SmsMessage) -> None:
    due = timezone.now() + timedelta(hours=2)
    own = {"organization": failed.organization, "message": failed, "carrier": "sandbox"}
    Attempt.objects.create(**own, number=2, due=due)
    correct(as_rep, failed)
    assert failed.attempts.count() == 1
    assert failed.replacements.count() == 1


@pytest.mark.once
def test_a_text_that_did_not_fail_is_not_corrected(as_rep: Client, failed: SmsMessage) -> None:
    SmsMessage.objects.update(status="sent", reason="")
    correct(as_rep, failed)
    as_rep.post(f"/messages/{failed.pk}/handle/", headers=HTMX)
    failed.refresh_from_db()
    assert (failed.replacements.count(), failed.handled) == (0, None)


def test_a_failure_is_marked_as_handled_and_reopened(
    as_rep: Client, rep: User, failed: SmsMessage
) -> None:
    url = f"/messages/{failed.pk}/handle/"
    assert f"Handled by {rep}" in as_rep.post(url, headers=HTMX).content.decode()
    failed.refresh_from_db()
    assert (failed.status, failed.handled_by) == ("error", rep)
    assert list(run("message", "status:error", rep).rows) == [failed]
    assert list(run("message", "status:error not has:handled", rep).rows) == []
    assert list(run("lead", "has:error_sms_messages", rep).rows) == [failed.lead]
    html = as_rep.post(url, {"handled": "no"}, headers=HTMX).content.decode()
    assert "Correct and resend</button>" in html
    failed.refresh_from_db()
    assert (failed.handled, failed.handled_by) == (None, None)


@pytest.mark.once
def test_two_people_who_correct_the_same_text_are_asked(
    as_rep: Client, rep: User, failed: SmsMessage
) -> None:
    correct(as_rep, failed)
    other = str(uuid4())
    html = correct(as_rep, failed, form_token=other, text="Hi there").content.decode()
    assert f"{rep} already resent this text today" in html
    assert "Send anyway" in html
    assert failed.replacements.count() == 1
    correct(as_rep, failed, form_token=other, text="Hi there", again="on")
    assert failed.replacements.count() == 2
