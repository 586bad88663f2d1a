"""An account's token signs callbacks about that account's texts only, not about another's.

Organizations can have accounts of their own, whose tokens they know.
"""

from typing import Any

import pytest
from django.urls import reverse
from pytest_django import Settings

from leads.models import Lead
from messaging import carriers
from messaging.carriers import Accepted
from messaging.carriers.twilio_protocol.accounts import Account
from messaging.models import Attempt, CarrierEvent, OptOut, SenderNumber, SmsMessage
from messaging.outgoing import matching
from tests import factories
from tests.messaging import calls

OURS = ("AC1", "one")
THEIRS = ("AC2", "two")


@pytest.fixture(autouse=True)
def _twilio(settings: Settings) -> None:
    settings.CARRIERS = ["twilio"]
    carriers.get.cache_clear()
    settings.TWILIO_ACCOUNTS = {
        "": Account(*OURS),
        "ours": Account(*OURS),
        "theirs": Account(*THEIRS),
    }


@pytest.fixture
def number(lead: Lead) -> SenderNumber:
    return factories.sender(lead.organization, carrier="twilio")


@pytest.fixture
def attempt(lead: Lead, number: SenderNumber) -> Attempt:
    attempt = calls.sent(lead, number)
    Attempt.objects.update(carrier="twilio")
    attempt.refresh_from_db()
    return attempt


def call(kind: str, signed_by: tuple[str, str], query: str = "", **values: str) -> None:
    """Post a callback that an account signed, and let the worker process it."""
    sid, token = signed_by
    path = reverse(f"webhook_{kind}", args=["twilio"]) + query
    response = calls.post(path, calls.form(AccountSid=sid, **values), token=token)
    assert response.status_code == 200
    calls.process()


def report(signed_by: tuple[str, str], state: str, query: str = "", **values: str) -> None:
    call("status", signed_by, query, **{"MessageSid": "SM1", "MessageStatus": state} | values)


@pytest.mark.parametrize(
    ("state", "extra"), [("undelivered", {"ErrorCode": "30007"}), ("delivered", {})]
)
def test_a_receipt_of_another_account_changes_nothing(
    attempt: Attempt, state: str, extra: dict[str, str]
) -> None:
    report(THEIRS, state, **extra)
    report(THEIRS, state, f"?attempt={attempt.key}", MessageSid="SM2", **extra)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.receipt) == ("accepted", "accepted")
    for event in CarrierEvent.objects.all():
        # The organization doesn't see it either.
        assert (event.outcome, event.attempt, event.message) == ("ignored", None, None)
        assert event.note == "Ignored: from another account."
    report(OURS, state, **extra)
    attempt.refresh_from_db()
    assert attempt.receipt == ("failed" if extra else "delivered")


@pytest.mark.parametrize("account", ["", "ours"])
def test_several_names_stand_for_one_account(attempt: Attempt, account: str) -> None:
    Attempt.objects.update(account=account)
    report(OURS, "delivered")
    assert SmsMessage.objects.get().receipt == "delivered"


def test_each_account_reports_about_its_own_texts(attempt: Attempt) -> None:
    Attempt.objects.update(account="theirs")
    report(OURS, "delivered")
    assert SmsMessage.objects.get().receipt == "accepted"
    report(THEIRS, "delivered")
    assert SmsMessage.objects.get().receipt == "delivered"


def test_a_waiting_receipt_of_another_account_claims_no_text(attempt: Attempt) -> None:
    """It would hide the text from the lookup, and so send it twice."""
    Attempt.objects.update(carrier_id="", state="uncertain")
    attempt.refresh_from_db()
    nobody = "?attempt=00000000-0000-4000-8000-000000000000"
    report(THEIRS, "sent", nobody)
    found = Accepted("SM1")
    assert matching.match(attempt, [found]) == found
    report(OURS, "sent", nobody)
    assert matching.match(attempt, [found]) is None


@pytest.mark.parametrize("body", ["Hello", "STOP"])
def test_a_text_to_a_number_of_another_account_is_not_added(
    lead: Lead, number: SenderNumber, body: str
) -> None:
    factories.contact(lead)
    text: dict[str, Any] = {"From": factories.MOBILE, "To": number.phone, "Body": body}
    call("inbound", THEIRS, MessageSid="SM3", **text)
    assert not SmsMessage.objects.exists()
    assert not OptOut.objects.exists()
    assert calls.last_event().note == f"{number.phone} isn't a sender number of this account."
    call("inbound", OURS, MessageSid="SM4", **text)
    assert SmsMessage.objects.get().text == body
