"""Automatic retries follow the code map, and wait until the text can go through."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead
from messaging.carriers import CarrierError
from messaging.diagnosis.failures import Failure
from messaging.management import worker
from messaging.models import Attempt, CarrierCode, Recipient, SmsMessage
from messaging.models.reason import Reason, Retry
from messaging.outgoing import results
from smscenter.accounts.models import User
from tests import factories
from tests.messaging import calls
from tests.messaging.conftest import Queue
from tests.messaging.desk import Desk

SAN_FRANCISCO, NEW_YORK, HONOLULU = "+14155550123", "+12125550123", "+18085550123"
BAHAMAS = "+12425550123"
# 4:30 PM in San Francisco, 7:30 PM in New York, on Nov 26.
AFTERNOON = datetime(2026, 11, 27, 0, 30, tzinfo=UTC)
# 11:30 PM in San Francisco, 2:30 AM in New York.
NIGHT = datetime(2026, 11, 27, 7, 30, tzinfo=UTC)

pytestmark = pytest.mark.once

Refuse = Callable[..., SmsMessage]


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: moment)


@pytest.fixture
def refuse(queue: Queue, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """Let the carrier refuse a text at this moment with this code."""

    def refuse(
        code: str,
        to: str = SAN_FRANCISCO,
        moment: datetime = AFTERNOON,
        *,
        permanent: bool = True,
        **error: Any,
    ) -> SmsMessage:
        set_clock(monkeypatch, moment)
        desk.responses[to] = CarrierError("No", code=code, permanent=permanent, **error)
        message = queue(to=to)
        worker.run_round()
        message.refresh_from_db()
        return message

    return refuse


def report(lead: Lead, code: str) -> SmsMessage:
    """Let the carrier report that a text it had accepted failed with this code."""
    message = factories.message(lead)
    calls.accepted(message)
    calls.report("failed", code)
    message.refresh_from_db()
    return message


def retry_of(message: SmsMessage) -> Attempt | None:
    return message.attempts.filter(state=Attempt.State.QUEUED).first()


def due(message: SmsMessage) -> datetime:
    retry = retry_of(message)
    assert retry is not None
    return retry.due


class TestTheCodeMapDecides:
    """Twilio responds with HTTP 400 to nearly every error, so the status says little."""

    def test_a_shipped_transient_code_is_retried(self, refuse: Refuse) -> None:
        assert refuse("14107").status == "outbox"
        assert Attempt.objects.count() == 2

    def test_a_code_that_staff_made_transient_is_retried(
        self, refuse: Refuse, client: Client
    ) -> None:
        client.force_login(factories.user(None, "root", is_staff=True, is_superuser=True))
        row = CarrierCode.objects.get(carrier="twilio", code="21606")
        client.post(
            f"/admin/messaging/carriercode/{row.pk}/change/",
            {"title": row.title, "reason": row.reason, "retry": Retry.TRANSIENT, "source": "x"},
        )
        assert refuse("21606").status == "outbox"
        assert Attempt.objects.count() == 2

    def test_a_permanent_code_is_never_retried(self, refuse: Refuse) -> None:
        message = refuse("30007", permanent=False)
        assert (message.status, message.attempts.count()) == ("error", 1)

    @pytest.mark.parametrize(("permanent", "attempts"), [(True, 1), (False, 2)])
    def test_the_status_decides_for_an_unknown_code(
        self, refuse: Refuse, permanent: bool, attempts: int
    ) -> None:
        message = refuse("99999", permanent=permanent)
        assert message.attempts.count() == attempts
        assert (message.attempts.get(number=1).reason) == Reason.UNKNOWN
        assert not CarrierCode.objects.get(code="99999").known

    @pytest.mark.parametrize("code", ["", "99999"])
    def test_a_receipt_without_a_known_code_is_not_retried(self, lead: Lead, code: str) -> None:
        message = report(lead, code)
        assert (message.status, message.reason, message.attempts.count()) == ("error", "unknown", 1)


class TestClocks:
    """Each code has its own clock, as its carrier documents it."""

    @pytest.mark.parametrize(
        ("code", "earliest", "latest"),
        [
            ("30001", timedelta(minutes=1), timedelta(minutes=1.25)),
            ("30003", timedelta(minutes=10), timedelta(minutes=12.5)),
            # Twilio blocks suspicious traffic for 15 to 30 minutes, or for a few hours.
            ("30450", timedelta(minutes=15), timedelta(minutes=30)),
            ("30453", timedelta(hours=2), timedelta(hours=2, minutes=10)),
            # The registration of a number takes hours.
            ("30035", timedelta(hours=2), timedelta(hours=2, minutes=10)),
        ],
    )
    def test_a_code_is_retried_by_its_clock(
        self, refuse: Refuse, code: str, earliest: timedelta, latest: timedelta
    ) -> None:
        assert earliest <= due(refuse(code)) - AFTERNOON <= latest

    @pytest.mark.parametrize("code", ["30410", "30007", "30034", "21408", "21612", "30011"])
    def test_a_code_that_waits_for_a_person_is_never_retried(
        self, refuse: Refuse, code: str
    ) -> None:
        assert retry_of(refuse(code, permanent=False)) is None

    @pytest.mark.parametrize(
        ("code", "moment", "opens"),
        [
            # It's 8:50 PM in San Francisco, 15 minutes before 9:05 PM.
            (
                "30450",
                datetime(2026, 11, 27, 4, 50, tzinfo=UTC),
                datetime(2026, 11, 27, 16, tzinfo=UTC),
            ),
            ("30035", NIGHT, datetime(2026, 11, 27, 16, tzinfo=UTC)),
        ],
    )
    def test_a_long_wait_never_ends_at_night(
        self, refuse: Refuse, code: str, moment: datetime, opens: datetime
    ) -> None:
        assert opens <= due(refuse(code, moment=moment)) <= opens + timedelta(minutes=10)

    def test_each_wait_for_a_registration_is_longer(
        self, refuse: Refuse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        message, waits = refuse("30035", "+18005550123"), []
        for _ in range(3):
            waits.append(due(message) - timezone.now())
            set_clock(monkeypatch, due(message))
            worker.run_round()
        hours = [wait.total_seconds() // 3600 for wait in waits]
        assert (hours, retry_of(message)) == ([2, 8, 24], None)

    def test_staff_choose_the_clock(self, refuse: Refuse, client: Client) -> None:
        client.force_login(factories.user(None, "root", is_staff=True, is_superuser=True))
        row = CarrierCode.objects.get(carrier="twilio", code="30001")
        url = f"/admin/messaging/carriercode/{row.pk}/change/"
        fields = {"title": row.title, "reason": row.reason, "source": "x", "fix": ""}
        response = client.post(url, fields | {"retry": Retry.UNTIL_FIXED})
        assert "Say what has to be fixed." in response.content.decode()
        client.post(url, fields | {"retry": Retry.MINUTES})
        assert due(refuse("30001")) >= AFTERNOON + timedelta(minutes=15)


class TestRetryAfter:
    """The carrier says how long to wait."""

    @pytest.mark.parametrize("code", ["20429", "99999", ""])
    def test_a_retry_is_not_earlier(self, refuse: Refuse, code: str) -> None:
        message = refuse(code, permanent=False, retry_after=timedelta(minutes=20))
        assert timedelta(minutes=20) <= due(message) - AFTERNOON <= timedelta(minutes=25)

    def test_a_longer_clock_stays(self, refuse: Refuse) -> None:
        message = refuse("30035", retry_after=timedelta(minutes=20))
        assert due(message) >= AFTERNOON + timedelta(hours=2)

    def test_it_does_not_start_a_retry(self, refuse: Refuse) -> None:
        assert retry_of(refuse("30007", retry_after=timedelta(minutes=20))) is None

    def test_the_next_check_for_an_unconfirmed_text_waits(self, refuse: Refuse) -> None:
        message = refuse("", permanent=False, ambiguous=True, retry_after=timedelta(minutes=20))
        [attempt] = message.attempts.all()
        assert attempt.lease_until == AFTERNOON + timedelta(minutes=20)


class TestLateDelivery:
    """A retry could reach a person who has the text."""

    def test_it_cancels_the_retry_of_a_rejected_text(
        self, lead: Lead, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        set_clock(monkeypatch, AFTERNOON)
        message = factories.message(lead, status="outbox")
        attempt = calls.accepted(message, sid="")
        Attempt.objects.update(state="sending", lease=attempt.key, lease_until=AFTERNOON)
        failure = Failure(Reason.CARRIER_OUTAGE, Retry.TRANSIENT)
        assert results.mark_failed(attempt, failure, lease=attempt.key)
        assert retry_of(message)
        calls.report("delivered", key=attempt.key)
        message.refresh_from_db()
        assert (message.status, message.reason) == ("error", "carrier_outage")
        assert retry_of(message) is None


class TestDailyLimits:
    @pytest.mark.parametrize("code", ["30023", "30027"])
    def test_a_t_mobile_limit_waits_for_midnight_pacific_and_then_morning(
        self, refuse: Refuse, code: str
    ) -> None:
        opens = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
        assert opens <= due(refuse(code)) <= opens + timedelta(minutes=10)

    @pytest.mark.parametrize(("carrier", "code"), [("telnyx", "40016"), ("bandwidth", "4780")])
    def test_daily_limits_are_the_same_with_other_carriers(
        self, refuse: Refuse, monkeypatch: pytest.MonkeyPatch, carrier: str, code: str
    ) -> None:
        monkeypatch.setattr(Desk, "code_map", carrier)
        assert due(refuse(code)) > AFTERNOON + timedelta(hours=7)

    def test_a_daily_limit_ends_at_midnight_pacific(self, refuse: Refuse) -> None:
        # The limit ends in half an hour, at 10 PM in Honolulu, where 8 AM is 10 AM Pacific.
        opens = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)
        assert opens <= due(refuse("30027", HONOLULU, NIGHT)) <= opens + timedelta(minutes=10)

    def test_no_further_wait_where_it_is_day_at_midnight_pacific(self, refuse: Refuse) -> None:
        # Midnight Pacific is 6 PM in Guam.
        midnight = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
        assert midnight <= due(refuse("30027", "+16715550123")) <= midnight + timedelta(minutes=10)

    def test_daily_limits_ignore_quiet_hours_for_toll_free_numbers(self, refuse: Refuse) -> None:
        midnight = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
        assert midnight <= due(refuse("30027", "+18005550123")) <= midnight + timedelta(minutes=10)

    def test_the_limit_of_an_account_counts_24_hours(self, refuse: Refuse) -> None:
        day = AFTERNOON + timedelta(days=1)
        assert day <= due(refuse("63038")) <= day + timedelta(minutes=10)

    def test_after_24_hours_a_text_still_waits_for_the_morning(self, refuse: Refuse) -> None:
        opens = datetime(2026, 11, 28, 13, 0, tzinfo=UTC)
        assert opens <= due(refuse("63038", NEW_YORK, NIGHT)) <= opens + timedelta(minutes=10)

    def test_a_text_fails_after_three_days(
        self, refuse: Refuse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        message = refuse("30027")
        for _ in range(3):
            set_clock(monkeypatch, due(message))
            worker.run_round()
        message.refresh_from_db()
        assert (message.status, message.reason) == ("error", "rate_limit")
        assert timezone.now() > AFTERNOON + timedelta(days=2)

    def test_a_limit_per_second_is_retried_soon(self, refuse: Refuse) -> None:
        assert due(refuse("30022")) < AFTERNOON + timedelta(minutes=2)

    def test_a_receipt_with_a_limit_code_is_retried_later(
        self, lead: Lead, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        set_clock(monkeypatch, AFTERNOON)
        message = report(lead, "30027")
        opens = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
        assert opens <= due(message) <= opens + timedelta(minutes=10)

    def test_retries_are_spread_out(self, refuse: Refuse) -> None:
        assert due(refuse("30027")) != due(refuse("30027", "+14155550124"))


class TestQuietHours:
    @pytest.mark.parametrize(
        ("to", "moment", "opens"),
        [
            # 2:30 AM in New York.
            (NEW_YORK, NIGHT, datetime(2026, 11, 27, 13, tzinfo=UTC)),
            # 11:30 PM in San Francisco.
            (SAN_FRANCISCO, NIGHT, datetime(2026, 11, 27, 16, tzinfo=UTC)),
            # By the number it's 4:30 PM; the carrier knows better, so not before the next morning.
            (SAN_FRANCISCO, AFTERNOON, datetime(2026, 11, 27, 16, tzinfo=UTC)),
            # At no place: 8 AM Pacific.
            ("+18005550123", NIGHT, datetime(2026, 11, 27, 16, tzinfo=UTC)),
            ("+18005550123", NIGHT.replace(hour=17), datetime(2026, 11, 28, 16, tzinfo=UTC)),
            # In two zones at once: when it's 8 AM in the later one.
            ("+12085551234", NIGHT, datetime(2026, 11, 27, 16, tzinfo=UTC)),
        ],
    )
    def test_a_refusal_waits_for_the_recipients_morning(
        self, refuse: Refuse, to: str, moment: datetime, opens: datetime
    ) -> None:
        assert opens <= due(refuse("30610", to, moment)) <= opens + timedelta(minutes=10)

    def test_the_wait_follows_a_clock_change(self, refuse: Refuse) -> None:
        # 10 PM in New York on Oct 31; on Nov 1 it's 8 AM EST.
        evening, opens = (
            datetime(2026, 11, 1, 2, tzinfo=UTC),
            datetime(2026, 11, 1, 13, tzinfo=UTC),
        )
        assert opens <= due(refuse("30610", NEW_YORK, evening)) <= opens + timedelta(minutes=10)


class TestMisleadingCodes:
    def test_a_timeout_at_the_carrier_is_not_retried(self, lead: Lead) -> None:
        """Twilio doesn't, to avoid a second delivery."""
        message = report(lead, "30410")
        assert (message.status, message.attempts.count()) == ("error", 1)

    def test_a_region_error_does_not_make_a_us_number_foreign(
        self, refuse: Refuse, as_rep: Client
    ) -> None:
        message = refuse("21408")
        html = as_rep.get(f"/messages/{message.pk}/").content.decode()
        assert (message.status, message.reason) == ("error", "sender_config")
        assert message.attempts.get().reason == "sender_config"
        assert "carrier account isn&#x27;t set up" in html
        assert "in the United States and Canada" not in html

    def test_a_foreign_number_stays_foreign(self, refuse: Refuse) -> None:
        assert refuse("21408", BAHAMAS).reason == "unsupported_country"

    def test_a_receipt_with_a_region_error_does_not_either(self, lead: Lead) -> None:
        assert report(lead, "21408").reason == "sender_config"

    def test_mismatched_numbers_do_not_mean_an_unreachable_phone(
        self, refuse: Refuse, as_rep: Client
    ) -> None:
        message = refuse("21612")
        html = as_rep.get(f"/messages/{message.pk}/").content.decode()
        assert "Try another sender number" in html
        assert "off or out of range" not in html

    def test_a_phone_without_mms_is_not_a_landline(self, lead: Lead) -> None:
        assert report(lead, "30011").reason == "content_invalid"
        assert not Recipient.objects.filter(capability="not_sms_capable").exists()


def test_texts_that_failed_together_are_not_retried_together(
    refuse: Refuse, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """Simultaneous retries could cause the carrier's next outage."""
    settings.CARRIER_FAILURES_BEFORE_PAUSE = 10
    monkeypatch.setattr(random, "uniform", random.Random(11).uniform)
    waited = {due(refuse("", f"+1415555{9000 + n}", permanent=False)) - AFTERNOON for n in range(9)}
    assert len(waited) == 9
    assert min(waited) >= timedelta(seconds=60)
    assert max(waited) <= timedelta(seconds=75)
    assert max(waited) - min(waited) > timedelta(seconds=5)


def test_a_text_is_found_by_the_codes_of_all_its_attempts(
    refuse: Refuse, desk: Desk, rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(query: str) -> bool:
        return SmsMessage.objects.search(query, user=rep).exists()

    message = refuse("14107")  # retried later
    assert found("error_code:14107 status:outbox")

    desk.responses[SAN_FRANCISCO] = CarrierError("No", code="30007", permanent=True)
    set_clock(monkeypatch, due(message))
    worker.run_round()

    assert found("error_code:14107 status:error")
    assert found("error_code:300 code in (30007, x) has:error_code")
    assert not found("error_code:30006 or error_code:4107 or error_code:none")
