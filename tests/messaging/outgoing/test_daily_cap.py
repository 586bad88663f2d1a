"""A sender number's texts over its daily cap wait for the carriers' next day."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from leads.models import ContactPhone, Lead
from messaging.composing import preflight
from messaging.composing.verdicts import Level
from messaging.models import Attempt, SenderNumber, SmsMessage
from messaging.outgoing import claims
from smscenter.accounts.models import Organization
from tests import factories
from tests.html import html_of
from tests.messaging.composing.forms import form, post
from tests.messaging.conftest import Queue

# 3 PM Pacific.
NOW = datetime(2026, 5, 12, 22, tzinfo=UTC)
# 12:01 AM Pacific.
NEXT_DAY = datetime(2026, 5, 13, 7, 1, tzinfo=UTC)


@pytest.fixture
def capped(organization: Organization, queue: Queue) -> SenderNumber:
    """Return a number that may send three texts a day, of which five are due."""
    sender = factories.sender(
        organization, phone="+12125550111", carrier="desk", rate=100, daily_cap=3
    )
    for _ in range(5):
        queue(sender=sender, due=NOW - timedelta(minutes=1))
    return sender


def claimed(at: datetime, limit: int = 10) -> int:
    """Claim texts that nobody has claimed before, and return their number."""
    return len(claims.claim(limit, at, taking_over=False).attempts)


def test_texts_over_the_cap_wait_for_the_next_day(capped: SenderNumber) -> None:
    assert claimed(NOW) == 3
    assert claimed(NOW + timedelta(hours=1)) == 0
    assert claimed(NEXT_DAY - timedelta(seconds=2)) == 0
    assert claimed(NEXT_DAY) == 2


def test_the_cap_counts_over_several_claims(capped: SenderNumber) -> None:
    assert [claimed(NOW + timedelta(minutes=n), limit=2) for n in range(3)] == [2, 1, 0]


def test_other_senders_do_not_wait(capped: SenderNumber, queue: Queue) -> None:
    claimed(NOW)
    queue(due=NOW)
    assert claimed(NOW + timedelta(minutes=1), limit=1) == 1


def test_a_raised_cap_sends_more_today(capped: SenderNumber) -> None:
    claimed(NOW)
    SenderNumber.objects.filter(pk=capped.pk).update(daily_cap=4, next_send_at=None)
    assert claimed(NOW + timedelta(hours=1)) == 1


def test_a_lowered_cap_sends_nothing_more_today(capped: SenderNumber, queue: Queue) -> None:
    claimed(NOW, limit=2)
    SenderNumber.objects.filter(pk=capped.pk).update(daily_cap=1, next_send_at=None)
    assert claimed(NOW + timedelta(hours=1)) == 0
    # Its texts don't hide others in the queue.
    queue(due=NOW)
    assert claimed(NOW + timedelta(hours=1), limit=1) == 1


def test_without_a_cap_nothing_is_counted(organization: Organization, queue: Queue) -> None:
    queue(due=NOW)
    assert claimed(NOW) == 1
    assert set(SenderNumber.objects.values_list("cap_day", "cap_used")) == {(None, 0)}


@pytest.mark.once
@pytest.mark.parametrize(
    ("to", "night"),
    [
        # New York, and Honolulu, where it's still the day before.
        ("+12125550123", ", when it's 3:01 AM where the recipient is. To avoid that, use another "),
        ("+18085550123", ", when it's 9:01 PM where the recipient is. To avoid that, use another "),
        ("+18885550123", "."),
    ],
)
def test_a_text_that_waits_is_a_warning(capped: SenderNumber, to: str, night: str) -> None:
    claimed(NOW)
    capped.refresh_from_db()
    verdicts = preflight.check(
        organization=capped.organization, sender=capped, to=to, text="Hello", at=NOW
    )
    [verdict] = [each for each in verdicts if each.code == "daily_cap"]
    assert verdict.level == Level.WARNING
    assert verdict.message.startswith(
        f"This number has sent its 3 texts for today. This text goes out at 12:01 AM Pacific{night}"
    )


@pytest.mark.once
def test_the_composer_says_that_a_text_waits(
    as_rep: Client, lead: Lead, capped: SenderNumber
) -> None:
    phone: ContactPhone = factories.contact(lead, "+12125550123").phones.get()
    warning = "This number has sent its 3 texts for today. This text goes out at 12:01 AM Pacific"
    assert warning not in html_of(post(as_rep, lead, "check", form(phone, capped)))
    for _ in range(3):
        claims.claim(1)
    assert warning in html_of(post(as_rep, lead, "check", form(phone, capped)))
    assert "Daily limit reached. Resumes" in html_of(as_rep.get("/senders/"))
    detail = html_of(as_rep.get(capped.get_absolute_url()))
    assert "3 of 3 texts sent today" in detail
    assert "This number has sent its 3 texts for today." in detail


@pytest.mark.once
def test_the_label_of_a_waiting_text_says_when_it_goes_out(
    as_rep: Client, lead: Lead, capped: SenderNumber
) -> None:
    limit = "(212) 555-0111 reached its daily limit. This text goes out"
    assert limit not in html_of(as_rep.get(lead.get_absolute_url()))
    claims.claim(3)
    page = html_of(as_rep.get(lead.get_absolute_url()))
    assert page.count(limit) == 2
    waiting = SmsMessage.objects.filter(attempts__state="queued").first()
    assert waiting is not None
    assert not waiting.is_pending()


def test_a_takeover_counts_once_and_does_not_wait_for_the_next_day(capped: SenderNumber) -> None:
    assert claimed(NOW) == 3
    # The worker disappeared before it finished.
    later = NOW + timedelta(minutes=5)
    Attempt.objects.filter(state=Attempt.State.SENDING).update(lease_until=later)
    taken_over = claims.claim(10, later).attempts
    assert {attempt.claims for attempt in taken_over} == {0}
    assert len(taken_over) == 3
    capped.refresh_from_db()
    assert capped.used_today(later) == 3
    assert claimed(later) == 0


def test_texts_that_are_released_unsent_count_when_they_are_claimed_again(
    capped: SenderNumber,
) -> None:
    claim = claims.claim(10, NOW)
    claims.release(claim, claim.attempts)
    capped.refresh_from_db()
    assert capped.used_today(NOW) == 0
    assert claimed(NOW + timedelta(minutes=1)) == 3
    assert claimed(NOW + timedelta(minutes=2)) == 0


def test_a_released_text_whose_lease_was_lost_stays_counted(capped: SenderNumber) -> None:
    claim = claims.claim(10, NOW)
    later = NOW + timedelta(minutes=5)
    Attempt.objects.filter(state=Attempt.State.SENDING).update(lease_until=later)
    claims.claim(10, later)
    claims.release(claim, claim.attempts)
    capped.refresh_from_db()
    assert capped.used_today(later) == 3
