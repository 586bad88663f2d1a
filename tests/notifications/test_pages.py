"""The bell, its panel, the page, and the settings show a person their own notifications."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import Lead
from leads.page import place_of
from messaging.models import SenderNumber, SmsMessage
from smscenter.accounts.models import User
from smscenter.notifications.models import Notification, Preference
from smscenter.support.models import SupportRequest
from tests import factories
from tests.notifications.conftest import of

pytestmark = pytest.mark.once


def notification(user: User, message: SmsMessage, kind: str = "reply", age: int = 0) -> None:
    Notification.objects.create(
        organization=message.organization, user=user, kind=kind, subject=message.pk,
        place=place_of(message.lead_id), created=timezone.now() - timedelta(minutes=age),
    )  # fmt: skip


def reply(lead: Lead, words: str = "Yes, please") -> SmsMessage:
    return factories.message(
        lead, direction="incoming", status="inbox", text=words, contact=lead.contacts.first()
    )


@pytest.fixture
def notified(bakery: Lead, rep: User) -> Lead:
    """Notify the rep of three replies, and of a landline."""
    for age in range(3):
        notification(rep, reply(bakery, f"Reply {age}"), age=age)
    failed = factories.message(
        bakery, status="error", reason="not_sms_capable", user=rep, contact=bakery.contacts.first()
    )
    notification(rep, failed, "failure", age=5)
    return bakery


# The session, the user, the notifications, two for the badge of the inbox, and the views.
@pytest.mark.parametrize(
    ("url", "statements"), [("/notifications/bell/", 5), ("/views/sidebar/", 6)]
)
def test_the_bell_counts_what_is_unread_in_one_query(
    notified: Lead, as_rep: Client, url: str, statements: int
) -> None:
    Notification.objects.update(created=timezone.now() - timedelta(minutes=10))
    as_rep.get(url)
    with CaptureQueriesContext(connection) as queries:
        page = as_rep.get(url).content.decode()
    assert len(queries) == statements
    assert page.count("unread-count") == 3
    assert page.split().count("4<span") == 3
    assert "data-desktop" not in page


def test_a_page_asks_once_for_the_sidebar_and_the_bell(client: Client, rep: User) -> None:
    without_sidebar = factories.user(None, "susan", is_staff=True)
    for user, url in ((rep, "/views/sidebar/"), (without_sidebar, "/notifications/bell/")):
        client.force_login(user)
        page = client.get("/profile/").content.decode()
        assert re.findall(r'hx-get="([^"]+)"[^>]*hx-trigger="load', page) == [url]


def test_the_bell_has_what_the_desktop_shows(notified: Lead, as_rep: Client, rep: User) -> None:
    page = as_rep.get("/notifications/bell/").content.decode()
    assert page.count("data-desktop") == 1
    assert "3 replies from Bluebird Bakery" in page
    Preference.objects.create(user=rep, kind="reply", mail="none", desktop=False)
    assert "data-desktop" not in as_rep.get("/notifications/bell/").content.decode()


@pytest.mark.parametrize("url", ["/notifications/panel/", "/notifications/"])
def test_notifications_of_one_kind_at_one_lead_are_shown_as_one(
    notified: Lead, as_rep: Client, url: str
) -> None:
    page = as_rep.get(url).content.decode()
    assert "3 replies from Bluebird Bakery" in page
    assert "Text to Ada Baker, Bluebird Bakery failed" in page
    assert '<span class="chip reason">Landline</span>' in page
    assert page.count('class="notification unread"') == 2


def test_opening_a_notification_leads_to_its_place_and_marks_it_read(
    notified: Lead, as_rep: Client, rep: User
) -> None:
    newest = Notification.objects.filter(kind="reply").newest_first()[0]
    response = as_rep.get(f"/notifications/{newest.pk}/")
    assert response["Location"] == f"/leads/{notified.pk}/#message-{newest.subject}"
    assert [kind for kind, _ in of(rep)] == ["failure"]


def test_a_notification_whose_text_is_gone_says_so(notified: Lead, as_rep: Client) -> None:
    SmsMessage.objects.all().delete()
    row = Notification.objects.newest_first()[0]
    page = as_rep.get(f"/notifications/{row.pk}/", follow=True).content.decode()
    assert "no longer exists" in page
    assert '<li class="notification' not in page


def test_all_can_be_marked_as_read(notified: Lead, as_rep: Client, rep: User) -> None:
    response = as_rep.post("/notifications/read/")
    assert response["Location"] == "/notifications/"
    assert of(rep) == []
    page = as_rep.get("/notifications/?show=unread").content.decode()
    assert "You&#x27;re all caught up." in page or "You're all caught up." in page


def test_a_long_list_has_pages(bakery: Lead, rep: User, as_rep: Client) -> None:
    text = reply(bakery)
    Notification.objects.bulk_create(
        Notification(organization=bakery.organization, user=rep, kind="reply", subject=text.pk,
                     occurrence=number, place=str(number))
        for number in range(60)
    )  # fmt: skip
    first = as_rep.get("/notifications/")
    assert len(first.context["entries"]) == 50
    second = as_rep.get("/notifications/", {"after": first.context["page"].after})
    assert len(second.context["entries"]) == 10
    assert as_rep.get("/notifications/", {"after": "nonsense"}).status_code == 404


def test_people_see_only_their_own(
    notified: Lead, colleague: User, stranger: User, client: Client
) -> None:
    row = Notification.objects.newest_first()[0]
    for user in (colleague, stranger):
        client.force_login(user)
        assert "Bluebird" not in client.get("/notifications/").content.decode()
        assert client.get(f"/notifications/{row.pk}/").status_code == 404
        client.post("/notifications/read/")
    assert Notification.objects.unread().count() == 4


def test_settings_are_saved_per_kind(as_rep: Client, rep: User) -> None:
    form = as_rep.get("/notifications/settings/").context["form"]
    data = {name: field.initial for name, field in form.fields.items() if field.initial}
    assert as_rep.post("/notifications/settings/", data | {"reply-mail": "each"}).status_code == 302
    assert Preference.objects.get(user=rep, kind="reply").mail == "each"
    data.pop("failure-in_app")
    as_rep.post("/notifications/settings/", data)
    assert not Preference.objects.get(user=rep, kind="failure").in_app
    assert as_rep.post("/notifications/settings/", data | {"reply-mail": "?"}).status_code == 422


def test_support_staff_have_the_settings_that_concern_them(
    supporter: User, client: Client, number: SenderNumber, rep: User
) -> None:
    client.force_login(supporter)
    page = client.get("/notifications/settings/").content.decode()
    assert "requests assigned to you" in page
    assert "Your failed texts" not in page
    support_request = factories.support_request(rep, sender=number)
    assert isinstance(support_request, SupportRequest)
    assert client.get("/notifications/").status_code == 200
