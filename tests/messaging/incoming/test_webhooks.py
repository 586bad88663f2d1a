import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from leads.models import Lead
from messaging.incoming import events, receipts
from messaging.models import Attempt, CarrierEvent, SenderNumber
from smscenter.accounts.models import Organization
from tests import factories
from tests.messaging import calls
from tests.messaging.desk import Desk

STATUS = "/webhooks/sandbox/status/"
FORM = "MessageSid=SM1&MessageStatus=delivered"

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt(organization: Organization, lead: Lead) -> Attempt:
    return calls.sent(lead, factories.sender(organization))


def test_the_addresses_are_fixed() -> None:
    assert reverse("webhook_status", args=["sandbox"]) == STATUS
    assert reverse("webhook_inbound", args=["sandbox"]) == "/webhooks/sandbox/inbound/"


@pytest.mark.parametrize("path", [STATUS, "/webhooks/sandbox/inbound/"])
def test_a_callback_takes_one_statement(
    path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """No session, no transaction: the worker does everything else."""
    with django_assert_num_queries(1):
        assert calls.post(path, f"{FORM}&Body=Hello").status_code == 200


def test_a_callback_is_stored_unchanged_and_processed(attempt: Attempt) -> None:
    response = calls.post(STATUS, FORM)
    assert response.status_code == 200
    event = CarrierEvent.objects.get()
    assert (event.carrier, event.kind, event.carrier_id) == ("sandbox", "status", "SM1")
    assert event.payload == [["MessageSid", "SM1"], ["MessageStatus", "delivered"]]
    assert event.request_id == response.headers["X-Request-ID"]
    calls.process()
    event.refresh_from_db()
    assert (event.outcome, event.attempt, event.message) == ("applied", attempt, attempt.message)


def test_repeated_parameters_and_other_alphabets_are_stored(attempt: Attempt) -> None:
    body = f"{FORM}&Tag=a&Tag=b&Note=%E2%82%AC+%D0%94%D0%B0+%F0%9F%99%82"
    assert calls.post(STATUS, body).status_code == 200
    assert CarrierEvent.objects.get().payload[2:] == [
        ["Tag", "a"],
        ["Tag", "b"],
        ["Note", "€ Да 🙂"],
    ]


def test_a_duplicate_is_one_event(attempt: Attempt) -> None:
    assert [calls.post(STATUS, FORM).status_code for _ in range(3)] == [200, 200, 200]
    assert CarrierEvent.objects.count() == 1


def test_an_unknown_id_is_matched_once_its_row_exists(
    organization: Organization, lead: Lead
) -> None:
    calls.report("delivered")
    event = CarrierEvent.objects.get()
    assert (event.outcome, event.note) == ("waiting", "No text with this ID yet.")
    attempt = calls.sent(lead, factories.sender(organization))
    assert events.process_new() == 0
    assert events.process_waiting() == 1
    event.refresh_from_db()
    attempt.refresh_from_db()
    assert (event.outcome, attempt.receipt) == ("applied", "delivered")


class TestRefused:
    @pytest.fixture(autouse=True)
    def _nothing_is_stored(self) -> object:
        yield
        assert not CarrierEvent.objects.exists()

    def test_a_wrong_signature_is_refused(self) -> None:
        assert calls.post(STATUS, FORM, token="another").status_code == 403

    def test_a_missing_signature_is_refused(self, client: Client) -> None:
        assert client.post(STATUS, {"MessageSid": "SM1"}).status_code == 403

    def test_a_signature_for_another_host_is_refused(self) -> None:
        assert calls.post(STATUS, FORM, host="https://evil.example.com").status_code == 403

    def test_a_body_without_a_message_id_is_refused(self) -> None:
        assert calls.post(STATUS, "hello=there").status_code == 400

    def test_a_body_that_is_too_long_is_refused(self) -> None:
        assert calls.post(STATUS, f"{FORM}&Note={'x' * 300_000}").status_code == 413

    @pytest.mark.parametrize("carrier", ["twilio", "nobody"])
    def test_an_unused_carrier_is_not_found(self, carrier: str) -> None:
        assert calls.post(f"/webhooks/{carrier}/status/", FORM).status_code == 404

    @pytest.mark.parametrize("method", ["get", "put", "delete"])
    def test_other_methods_are_refused(self, client: Client, method: str) -> None:
        assert getattr(client, method)(STATUS).status_code == 405


class TestServerErrors:
    def test_an_error_before_storing_makes_the_carrier_retry(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def no_database(*args: object) -> None:
            raise OSError("no database")

        monkeypatch.setattr(events, "store", no_database)
        client = Client(raise_request_exception=False)
        assert calls.post(STATUS, FORM, client=client).status_code == 500

    @pytest.mark.usefixtures("attempt")
    def test_an_error_after_storing_is_retried_by_the_worker(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> None:
            raise ZeroDivisionError

        with monkeypatch.context() as patched:
            patched.setitem(events.RECORDERS, CarrierEvent.Kind.STATUS, broken)
            patched.setattr(receipts, "simple_result", broken)
            calls.report("delivered")
        event = CarrierEvent.objects.get()
        assert event.outcome == "waiting"
        assert "ZeroDivisionError" in event.note
        events.process_waiting()
        event.refresh_from_db()
        assert (event.outcome, event.note) == ("applied", "")


def test_another_carrier_works_the_same(
    organization: Organization, lead: Lead, desk: Desk, client: Client
) -> None:
    sender: SenderNumber = factories.sender(organization, carrier="desk")
    attempt = calls.sent(lead, sender)
    Attempt.objects.update(carrier="desk")
    values = {"id": "SM1", "receipt": "delivered"}
    response = client.post("/webhooks/desk/status/", values, headers={"X-Desk": "genuine"})
    assert response.status_code == 204
    calls.process()
    attempt.refresh_from_db()
    assert attempt.receipt == "delivered"
