"""Test dates in the evening, when the reader's date differs from UTC."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leads.models import ContactPhone, Lead
from messaging.models import CarrierEvent, Consent, OptOut, Recipient, SenderNumber, SmsMessage
from smscenter import moments
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest, Whitelisting
from smscenter.support.models.states import State
from tests import factories

pytestmark = pytest.mark.once

Bring = Callable[[SupportRequest, State], object]

# 9:30 PM on May 3 in New York, where the organization is; tomorrow in London and in Kiribati.
EVENING = datetime(2026, 5, 4, 1, 30, tzinfo=UTC)
# The last zones and the first ones in which it's that day.
ZONES = [
    ("", "May 3"),
    ("Pacific/Honolulu", "May 3"),
    ("Europe/London", "May 4"),
    ("Pacific/Kiritimati", "May 4"),
]


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the current time to some days later."""
    monkeypatch.setattr(timezone, "now", lambda: EVENING + timedelta(days=17))


@pytest.fixture(params=ZONES, ids=lambda param: param[0] or "the organization's")
def day(request: pytest.FixtureRequest, rep: User) -> str:
    """Return the day of EVENING in the reader's time zone, for many time zones."""
    zone, day = request.param
    User.objects.filter(pk=rep.pk).update(time_zone=zone)
    return str(day)


@pytest.fixture
def number(lead: Lead, sender: SenderNumber) -> Recipient:
    """Create a landline with consent and an opt-out, all in one evening."""
    factories.contact(lead)
    OptOut.objects.record(sender.organization, factories.MOBILE, source=OptOut.Source.STAFF)
    row = Recipient.objects.get(phone=factories.MOBILE)
    Consent.objects.create(
        organization=lead.organization, recipient=row, method="Form", given=EVENING
    )
    OptOut.objects.update(created=EVENING)
    Recipient.objects.update(capability="not_sms_capable", capability_at=EVENING)
    return row


def page(client: Client, url: str) -> str:
    return client.get(url, follow=True).content.decode()


class TestMembersSeeDatesInTheirTimeZone:
    @pytest.mark.usefixtures("number")
    def test_on_the_contact_card(self, as_rep: Client, lead: Lead, day: str) -> None:
        html = page(as_rep, lead.get_absolute_url())
        assert f"Marked as a landline on {day}, 2026." in html
        assert f"Recorded by staff on {day}, 2026." in html

    @pytest.mark.usefixtures("number")
    def test_before_sending(
        self, as_rep: Client, lead: Lead, sender: SenderNumber, day: str
    ) -> None:
        to = ContactPhone.objects.get()
        form = {"to": to.pk, "sender": sender.pk, "text": "Hello", "form_token": uuid4()}
        html = as_rep.post(f"/leads/{lead.pk}/sms/check/", form).content.decode()
        assert f"opted out on {day}, 2026, as recorded by your staff" in html
        assert f"this number was marked as a landline on {day}, 2026." in html

    @pytest.mark.usefixtures("number")
    def test_when_resending_is_rejected(
        self, as_rep: Client, lead: Lead, sender: SenderNumber, day: str
    ) -> None:
        text = factories.message(lead, status="error", reason="unreachable", sender=sender)
        html = as_rep.post(f"/messages/{text.pk}/again/", follow=True).content.decode()
        assert f"opted out on {day}, 2026" in html

    def test_on_the_page_of_a_text(self, as_rep: Client, lead: Lead, day: str) -> None:
        text = factories.message(lead, created=EVENING, sent=EVENING)
        CarrierEvent.objects.create(
            carrier="sandbox",
            kind="status",
            event_id="1",
            payload=[],
            message=text,
            received=EVENING,
        )
        html = page(as_rep, text.get_absolute_url())
        assert html.count(f", {day}, 2026, ") == 3
        assert len(re.findall(rf"<time[^>]*>{day}, \d+:30 [AP]M</time>", html)) == 3

    def test_in_the_period_of_a_whitelisting(
        self, as_rep: Client, support_request: SupportRequest, bring: Bring, day: str
    ) -> None:
        bring(support_request, State.WHITELISTED)
        Whitelisting.objects.update(granted=EVENING, expires=EVENING + timedelta(days=4000))
        assert f"Since {day}, 2026, until " in page(as_rep, support_request.get_absolute_url())

    def test_in_a_download(self, as_rep: Client, rep: User, lead: Lead, day: str) -> None:
        factories.message(lead, created=EVENING)
        csv = b"".join(as_rep.get("/messages/export/")).decode()
        local = EVENING.astimezone(User.objects.get(pk=rep.pk).zone)
        assert local.isoformat(sep=" ", timespec="seconds") in csv
        assert f"2026-05-0{day[-1]} " in csv

    @pytest.mark.usefixtures("number")
    def test_the_readers_own_zone_is_not_named(self, as_rep: Client, lead: Lead) -> None:
        factories.message(lead, created=timezone.now())
        html = page(as_rep, lead.get_absolute_url())
        assert "(EDT)" not in html
        assert re.search(r"<time[^>]*>\d+:\d\d [AP]M</time>", html)


@pytest.mark.parametrize(
    ("zone", "stamp", "period"),
    [
        ("", "May 4, 1:30 AM UTC", "May 4, 2026 (UTC)"),
        ("America/New_York", "May 3, 9:30 PM EDT", "May 3, 2026 (EDT)"),
    ],
)
class TestStaffSeeTheNameOfTheTimeZone:
    @pytest.fixture(autouse=True)
    def zones(self, zone: str, supporter: User, staff: User) -> None:
        User.objects.filter(pk__in=[supporter.pk, staff.pk]).update(time_zone=zone)

    @pytest.mark.usefixtures("number")
    def test_on_the_review_page(
        self,
        as_supporter: Client,
        support_request: SupportRequest,
        blocked: Callable[..., SmsMessage],
        bring: Bring,
        stamp: str,
        period: str,
    ) -> None:
        support_request.attach([blocked(created=EVENING)])
        bring(support_request, State.WHITELISTED)
        SupportRequest.objects.update(submitted=EVENING)
        Whitelisting.objects.update(granted=EVENING)
        html = page(as_supporter, reverse("review_detail", args=[support_request.pk]))
        # The times of the request, the text, the consent, and the opt-out.
        assert len(re.findall(rf"<time[^>]*>{stamp}</time>", html)) >= 4
        assert f"Since {period}." in html
        assert not re.search(r"<time[^>]*>[^<]*[AP]M</time>", html)

    @pytest.mark.usefixtures("number", "period")
    def test_in_the_admin(self, as_staff: Client, stamp: str) -> None:
        when = stamp.replace(", ", ", 2026, ", 1)
        assert when in page(as_staff, "/admin/messaging/optout/")
        assert when in page(as_staff, f"/admin/messaging/optout/{OptOut.objects.get().pk}/change/")
        assert when in page(as_staff, "/admin/messaging/recipient/")


def test_without_a_reader_the_zone_is_named() -> None:
    """Test times in emails, in a worker, and in stored notes."""
    assert moments.day(EVENING) == "May 4, 2026 (UTC)"
    assert moments.clock(EVENING) == "1:30 AM UTC"


def test_upcoming_times_have_a_date_unless_it_is_today_or_tomorrow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 12, 31, 18, tzinfo=UTC))
    in_new_york = User(time_zone="America/New_York").zone
    with moments.reading_in(in_new_york, named=False):
        assert moments.upcoming(datetime(2027, 1, 1, 4, 33, tzinfo=UTC)) == "at 11:33 PM"
        assert moments.upcoming(datetime(2027, 1, 1, 13, tzinfo=UTC)) == "tomorrow at 8:00 AM"
        assert moments.upcoming(datetime(2027, 1, 2, 13, tzinfo=UTC)) == "on Jan 2, 2027 at 8:00 AM"
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 12, 29, 18, tzinfo=UTC))
    with moments.reading_in(in_new_york, named=False):
        assert moments.upcoming(datetime(2026, 12, 31, 13, tzinfo=UTC)) == "on Dec 31 at 8:00 AM"


def test_times_inside_a_sentence_are_lowercase() -> None:
    now = timezone.now()
    with moments.reading_in(User(time_zone="America/New_York").zone, named=False):
        assert moments.mentioned(now).startswith("today, ")
        assert moments.mentioned(now - timedelta(days=1)).startswith("yesterday, ")
        assert moments.mentioned(datetime(2025, 11, 3, 18, tzinfo=UTC)) == "Nov 3, 2025"


def test_all_pages_format_times_the_same_way() -> None:
    root = Path(settings.BASE_DIR)
    templates = (root / "templates").rglob("*.*")
    filters = re.compile(r"\|(date|time|timesince|timeuntil|naturaltime)\b")
    assert [path for path in templates if filters.search(path.read_text())] == []
    rooms = [root / name for name in ("leads", "messaging", "search", "smscenter")]
    modules = [path for room in rooms for path in room.rglob("*.py")]
    formats = re.compile(r"\b(date_format|time_format|strftime)\(")
    assert [path for path in modules if formats.search(path.read_text())] == []
