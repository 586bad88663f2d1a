"""Automatic retries follow the code map, and wait until the text can go through."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead
from messaging import worker
from messaging.carriers import CarrierError
from messaging.models import Attempt, CarrierCode, Recipient, SmsMessage
from messaging.models.reason import Reason, Retry
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
    ) -> SmsMessage:
        set_clock(monkeypatch, moment)
        desk.responses[to] = CarrierError("No", code=code, permanent=permanent)
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


class TestExistingRows:
    @pytest.fixture(autouse=True)
    def as_it_was(self, rep: User) -> None:
        old = {"reason": Reason.UNREACHABLE, "retry": Retry.TRANSIENT}
        CarrierCode.objects.filter(carrier="twilio", code__in=["30410", "21612"]).update(**old)
        CarrierCode.objects.filter(code="21612").update(changed_by=rep, version=2)

    def test_an_upgrade_corrects_rows_except_those_that_staff_changed(self) -> None:
        call_command("migrate", verbosity=0)
        assert CarrierCode.objects.get(code="30410").retry == Retry.PERMANENT
        assert CarrierCode.objects.get(code="21612").reason == Reason.UNREACHABLE


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
