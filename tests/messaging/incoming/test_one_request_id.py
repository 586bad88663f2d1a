"""Log lines of page, worker, callback, and retry share the request ID of one click."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from leads.models import Contact, Lead
from messaging.carriers import CarrierError
from messaging.management import worker
from messaging.models import Attempt, SenderNumber
from smscenter.accounts.models import User
from tests import factories
from tests.factories import MOBILE
from tests.logs import Lines
from tests.messaging import calls
from tests.messaging.conftest import Queue
from tests.messaging.desk import Desk

# Several threads use the database.
pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(as_rep: Client, lead: Lead, contact: Contact, sender: SenderNumber) -> Any:
    """Return the response to the form that sends a text."""
    phone = contact.phones.get()
    form = {"to": phone.pk, "sender": sender.pk, "text": "Hello", "form_token": uuid4()}
    response = as_rep.post(reverse("message_new", args=[lead.pk]), form)
    assert Attempt.objects.count() == 1
    return response


def call_back(receipt: str, code: str = "") -> Any:
    url = reverse("webhook_status", args=["desk"])
    values = {"id": "D1", "receipt": receipt} | ({"code": code} if code else {})
    response = Client().post(url, values, headers={"X-Desk": "genuine"})
    calls.process()
    return response


def test_page_worker_and_callback_share_the_request_id(page: Any, lines: Lines) -> None:
    request_id = page.headers["X-Request-ID"]
    worker.run_round()
    response = call_back("delivered")
    assert response.status_code == 204
    assert lines.of_request(request_id) == [
        "attempt_started",
        "attempt_finished",
        "callback_processed",
    ]
    applied = lines.named("callback_processed")
    assert applied["callback_request_id"] == response.headers["X-Request-ID"]
    assert applied["attempt"] == Attempt.objects.get().pk


def test_the_page_logs_the_queued_text(lines: Lines, page: Any) -> None:
    queued = lines.named("text_queued")
    assert queued["request_id"] == page.headers["X-Request-ID"]
    assert queued["message"] == Attempt.objects.get().message_id


def test_an_error_in_the_worker_has_the_request_id(page: Any, lines: Lines, desk: Desk) -> None:
    desk.responses[MOBILE] = ZeroDivisionError("by hand")
    worker.run_round()
    error = lines.named("attempt_crashed")
    assert error["request_id"] == page.headers["X-Request-ID"]


@pytest.mark.parametrize("reported", [True, False], ids=["by a callback", "by the response"])
def test_a_retry_keeps_the_request_id(page: Any, desk: Desk, reported: bool) -> None:
    if not reported:
        desk.responses[MOBILE] = CarrierError("Busy", code="30001")
    worker.run_round()
    if reported:
        call_back("failed", "30001")
    ids = Attempt.objects.order_by("number").values_list("request_id", flat=True)
    assert list(ids) == [page.headers["X-Request-ID"]] * 2


def test_resending_has_its_own_request_id(page: Any, desk: Desk, as_rep: Client, rep: User) -> None:
    desk.responses[MOBILE] = CarrierError("Unknown", code="30007", permanent=True)
    worker.run_round()
    attempt = Attempt.objects.get()
    response = as_rep.post(reverse("message_try_again", args=[attempt.message_id]))
    newest = Attempt.objects.latest("number")
    assert newest.request_id == response.headers["X-Request-ID"] != attempt.request_id


def test_a_text_queued_without_a_request_has_no_request_id(queue: Queue, lines: Lines) -> None:
    queue()
    worker.run_round()
    assert Attempt.objects.get().request_id == ""
    assert "request_id" not in lines.named("attempt_finished")
    call_back("delivered")
    assert lines.named("callback_processed")["request_id"]


def test_the_admin_shows_the_request_id(page: Any, client: Client) -> None:
    client.force_login(factories.user(None, "root", is_staff=True, is_superuser=True))
    attempt = Attempt.objects.get()
    html = client.get(reverse("admin:messaging_attempt_change", args=[attempt.pk])).text
    assert page.headers["X-Request-ID"] in html
