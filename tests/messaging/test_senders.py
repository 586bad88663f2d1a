"""The pages of sender numbers: registration, whitelisting, and how texts went."""

import re
from datetime import timedelta
from html import unescape
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from leads.models import ContactPhone, Lead
from messaging.composing.senders import sender_health
from messaging.models import SenderNumber, SmsMessage
from messaging.models.registration import RegistrationStatus
from smscenter.accounts.models import Organization
from tests import factories
from tests.html import html_of
from tests.messaging.composing.forms import form, post
from tests.queries import number_of

APPROVED = RegistrationStatus.APPROVED


@pytest.fixture
def sender(organization: Organization) -> SenderNumber:
    return factories.sender(organization)


@pytest.fixture
def texts(lead: Lead, sender: SenderNumber) -> None:
    """Create texts of this week, this month, and before, at the edges of the periods."""
    now = timezone.localtime(timezone=ZoneInfo(lead.organization.time_zone))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    week, month = midnight - timedelta(days=6), midnight - timedelta(days=29)
    second = timedelta(seconds=1)
    _create(lead, sender, [week, week, week - second, month, month - second])
    _create(lead, sender, [week, week - second], status="error", reason="spam")
    _create(lead, sender, [month, month - second], status="error", reason="not_sms_capable")
    _create(lead, sender, [week], status="inbox", direction="incoming")
    _create(lead, sender, [week], status="outbox")


def _create(lead: Lead, sender: SenderNumber, times: list[Any], **fields: Any) -> None:
    for created in times:
        factories.message(lead, sender=sender, created=created, **fields)


def links(html: str) -> dict[str, str]:
    """Return the links to searches, by URL."""
    found = re.findall(r'<a href="(/messages/\?q=[^"]+)">([^<]+)</a>', html)
    return {unescape(url): text for url, text in found}


@pytest.mark.parametrize("page", ["/senders/", "detail"])
@pytest.mark.usefixtures("texts")
def test_each_count_is_that_of_the_search_that_it_links_to(
    as_rep: Client, sender: SenderNumber, page: str
) -> None:
    url = sender.get_absolute_url() if page == "detail" else page
    found = links(html_of(as_rep.get(url)))
    counts = [text for text in found.values() if text[0].isdigit()]
    expected = ["2 sent", "1 failed", "4 sent", "3 failed"]
    assert counts == expected + (["1", "2", "1"] if page == "detail" else [])
    for link, text in found.items():
        if text[0].isdigit():
            number = text.split()[0]
            noun = "message" if number == "1" else "messages"
            total = f'>{number}<span class="visually-hidden"> {noun}</span>'
            assert total in html_of(as_rep.get(link)), link


@pytest.mark.once
@pytest.mark.usefixtures("texts")
def test_the_page_shows_the_share_that_failed(as_rep: Client) -> None:
    page = html_of(as_rep.get("/senders/"))
    assert "1 failed</a> (33.3%)" in page
    assert "3 failed</a> (42.9%)" in page
    assert "Most often: " in page
    assert "Flagged as spam" in page


@pytest.mark.once
@pytest.mark.usefixtures("texts")
def test_more_texts_than_are_counted_are_shown_as_such(
    as_rep: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender_health, "MOST_COUNTED", 2)
    page = html_of(as_rep.get("/senders/"))
    assert page.count("2+ sent") == 2
    assert "(under 60.0%)" in page


@pytest.mark.usefixtures("texts")
def test_the_page_takes_as_many_queries_for_many_numbers(
    as_rep: Client, organization: Organization
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert as_rep.get("/senders/").status_code == 200
        return number_of(captured.captured_queries)

    before = queries()
    for number in range(5):
        factories.sender(organization, phone=f"+1212555017{number}")
    assert queries() == before <= 12


@pytest.mark.once
@pytest.mark.parametrize(
    ("fields", "label", "registered"),
    [
        ({"registration": "10dlc"}, "10DLC brand not submitted", False),
        (
            {"registration": "10dlc", "brand_status": APPROVED, "campaign_status": "in_review"},
            "10DLC campaign in review",
            False,
        ),
        (
            {"registration": "10dlc", "brand_status": APPROVED, "campaign_status": APPROVED},
            "10DLC registered",
            True,
        ),
        (
            {"registration": "toll_free", "verification_status": "rejected"},
            "Toll-free verification rejected",
            False,
        ),
        (
            {"registration": "short_code", "verification_status": APPROVED},
            "Short code registered",
            True,
        ),
        ({"registered": True}, "Registered", True),
        ({"registered": False}, "Not registered", False),
    ],
)
def test_the_registration_decides_whether_a_number_is_registered(
    as_rep: Client, organization: Organization, fields: Any, label: str, registered: bool
) -> None:
    sender = factories.sender(organization, **fields)
    sender.refresh_from_db()
    assert sender.registered is registered
    for url in ("/senders/", sender.get_absolute_url()):
        assert f">{label}</span>" in html_of(as_rep.get(url))


def test_the_database_keeps_registered_in_step(sender: SenderNumber) -> None:
    rows = SenderNumber.objects.filter(pk=sender.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(registration="10dlc", brand_status="rejected")
    rows.update(registration="10dlc", brand_status="rejected", registered=False)


@pytest.mark.once
def test_a_member_sees_what_registration_lacks(as_rep: Client, sender: SenderNumber) -> None:
    note = "The sample texts name no company."
    SenderNumber.objects.filter(pk=sender.pk).update(
        registration="10dlc",
        brand_id="B123",
        brand_status=APPROVED,
        campaign_id="C456",
        campaign_status="rejected",
        registration_note=note,
        registered=False,
    )
    page = html_of(as_rep.get(sender.get_absolute_url()))
    assert "<dt>Brand</dt> <dd>Approved · <code>B123</code></dd>" in page
    assert "<dt>Campaign</dt> <dd>Rejected · <code>C456</code></dd>" in page
    assert note in page


@pytest.mark.once
class TestComposer:
    @pytest.fixture
    def phone(self, lead: Lead) -> ContactPhone:
        return factories.contact(lead).phones.get()

    @pytest.mark.usefixtures("texts")
    def test_the_chosen_number_is_shown_with_registration_and_health(
        self, as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
    ) -> None:
        other = factories.sender(
            lead.organization,
            phone="+12125550199",
            registration="10dlc",
            brand_status=APPROVED,
            campaign_status="in_review",
        )
        page = html_of(as_rep.get(lead.get_absolute_url()))
        assert f'<a href="{sender.get_absolute_url()}">' in page
        assert ">2 sent</a>" in page
        assert "(not registered)</option>" in page
        check = html_of(post(as_rep, lead, "check", form(phone, other)))
        assert "10DLC campaign in review</span>" in check
        assert "registered with carriers (campaign in review), so they may block" in check
        assert 'Last 7 days: <span class="none">no texts</span>' in check

    def test_typing_counts_no_texts(
        self, as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
    ) -> None:
        post(as_rep, lead, "check", form(phone, sender))
        with CaptureQueriesContext(connection) as captured:
            post(as_rep, lead, "check", form(phone, sender, text="Hi"))
        assert not [q for q in captured.captured_queries if "COUNT(" in q["sql"]]


@pytest.mark.once
def test_the_pages_are_linked_where_people_look_for_them(
    as_rep: Client, lead: Lead, sender: SenderNumber
) -> None:
    message = factories.message(lead, sender=sender)
    assert f'href="{reverse("sender_list")}"' in html_of(as_rep.get("/requests/"))
    link = f'href="{sender.get_absolute_url()}"'
    assert link in html_of(as_rep.get(message.get_absolute_url()))
    assert link in html_of(as_rep.get("/senders/"))


@pytest.mark.once
def test_other_organizations_numbers_are_not_listed(
    as_stranger: Client, sender: SenderNumber
) -> None:
    page = html_of(as_stranger.get("/senders/"))
    assert "Front desk" not in page
    assert "No sender numbers yet." in page


def test_the_same_number_at_two_carriers_counts_as_one(
    as_rep: Client, lead: Lead, sender: SenderNumber
) -> None:
    moved = factories.sender(lead.organization, carrier="twilio")
    factories.message(lead, sender=sender)
    factories.message(lead, sender=moved)
    assert SmsMessage.objects.count() == 2
    assert html_of(as_rep.get("/senders/")).count("2 sent</a>") == 4


@pytest.mark.once
def test_staff_enter_the_registration_in_the_admin(client: Client, sender: SenderNumber) -> None:
    client.force_login(factories.user(None, "susan", is_staff=True, is_superuser=True))
    url = reverse("admin:messaging_sendernumber_change", args=[sender.pk])
    shown = html_of(client.get(url))
    for title in ("Registration", "10DLC", "Toll-free verification or short code", "Limits"):
        assert title in shown
    SenderNumber.objects.update(next_send_at=timezone.now() + timedelta(hours=9))
    data = {
        "label": "Front desk",
        "carrier": "sandbox",
        "active": "on",
        "registration": "10dlc",
        "brand_id": "B123",
        "brand_status": "approved",
        "campaign_status": "in_review",
        "verification_status": "not_submitted",
        "registered": "on",
        "rate": 10,
        "daily_cap": 2000,
    }
    assert client.post(url, data).status_code == 302
    sender.refresh_from_db()
    assert (sender.registered, sender.brand_id, sender.daily_cap) == (False, "B123", 2000)
    assert sender.next_send_at is None


def test_the_migration_describes_known_registrations(organization: Organization) -> None:
    """Test that `registered` means the same before and after."""
    for phone, registered in [
        ("+12125550121", True),
        ("+12125550122", False),
        ("+18885550123", True),
        ("+18885550124", False),
    ]:
        factories.sender(organization, phone=phone, registered=registered)
    migration = import_module("messaging.migrations.0014_sender_registration")
    migration.describe_registrations(apps, None)
    numbers = SenderNumber.objects.order_by("phone")
    assert [(each.registration_label, each.registered) for each in numbers] == [
        ("10DLC registered", True),
        ("10DLC brand not submitted", False),
        ("Toll-free registered", True),
        ("Toll-free verification not submitted", False),
    ]
