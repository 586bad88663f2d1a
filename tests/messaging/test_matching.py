"""A carrier's text is matched only if it can't belong to another attempt."""

import uuid

import pytest
from django.utils import timezone

from leads.models import Lead
from messaging.carriers import Accepted, CarrierError
from messaging.models import Attempt, CarrierEvent
from messaging.outgoing import matching
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt(lead: Lead) -> Attempt:
    return started(lead)


def test_a_single_candidate_is_matched(attempt: Attempt) -> None:
    assert matching.match(attempt, [Accepted("SM1")]) == Accepted("SM1")


def test_no_candidates_are_no_match(attempt: Attempt) -> None:
    assert matching.match(attempt, []) is None


def test_another_attempts_text_is_not_matched(attempt: Attempt, lead: Lead) -> None:
    started(lead, state="accepted", carrier_id="SM1")
    assert matching.match(attempt, [Accepted("SM1")]) is None
    assert matching.match(attempt, [Accepted("SM1"), Accepted("SM2")]) == Accepted("SM2")


def test_a_text_claimed_by_another_attempts_callback_is_not_matched(attempt: Attempt) -> None:
    CarrierEvent.objects.create(
        carrier="sandbox",
        kind="status",
        event_id="1",
        carrier_id="SM1",
        attempt_key=uuid.uuid4(),
        payload=[],
    )
    assert matching.match(attempt, [Accepted("SM1")]) is None


def test_several_candidates_are_ambiguous(attempt: Attempt) -> None:
    with pytest.raises(CarrierError) as unclear:
        matching.match(attempt, [Accepted("SM1"), Accepted("SM2")])
    assert unclear.value.ambiguous
    assert not unclear.value.permanent
    assert unclear.value.raw["candidates"] == ["SM1", "SM2"]


@pytest.mark.parametrize("state", ["sending", "uncertain", "queued"])
def test_a_candidate_that_another_attempt_may_have_sent_is_ambiguous(
    attempt: Attempt, lead: Lead, state: str
) -> None:
    started(lead, state=state)
    with pytest.raises(CarrierError):
        matching.match(attempt, [Accepted("SM1")])
    assert matching.match(attempt, []) is None


@pytest.mark.parametrize(
    "other",
    [
        {"started": None},
        {"state": "failed"},
        {"carrier": "twilio"},
        {"to": factories.OTHER_MOBILE},
        {"sender": "+12125550188"},
    ],
    ids=str,
)
def test_only_attempts_between_the_same_numbers_compete(
    attempt: Attempt, lead: Lead, other: dict[str, str]
) -> None:
    started(lead, **other)
    assert matching.match(attempt, [Accepted("SM1")]) == Accepted("SM1")


def started(
    lead: Lead, to: str = factories.MOBILE, sender: str = factories.OUR_NUMBER, **fields: object
) -> Attempt:
    """Return an attempt of a worker that disappeared while sending it."""
    defaults: dict[str, object] = {
        "carrier": "sandbox",
        "state": Attempt.State.SENDING,
        "started": timezone.now(),
        "lease": uuid.uuid4(),
        "lease_until": timezone.now(),
    }
    message = factories.message(lead, status="outbox", remote_phone=to, local_phone=sender)
    return Attempt.objects.create(
        organization=lead.organization, message=message, **defaults | fields
    )
