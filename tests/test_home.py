"""The home page shows what needs a member now."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from leads.models import Lead
from messaging.models import Attempt, SmsMessage
from smscenter.accounts.models import User
from tests import factories
from tests.html import html_of
from tests.messaging import calls


def section(client: Client, name: str, query: str = "") -> str:
    html = html_of(client.get(f"/{query}"))
    return html.partition(f'id="{name}"')[2].partition("</section>")[0]


def test_failed_texts_are_grouped_by_reason(as_rep: Client, rep: User, lead: Lead) -> None:
    other = factories.lead(rep, "Copper Cafe")
    for each in (lead, other):
        factories.message(each, status="error", reason="not_sms_capable", user=rep)
    spam = factories.message(
        factories.lead(rep, "Spicy Spot"), status="error", reason="spam", user=rep
    )
    html = section(as_rep, "failed")
    assert "2 texts · Copper Cafe, Bluebird Bakery" in " ".join(html.split())
    assert "reason%3Anot_sms_capable" in html
    assert ">View 2 texts</a>" in html
    assert f'href="/messages/{spam.pk}/correct/?step=edit_and_resend&amp;next=%2F"' in html
    assert ">Edit and resend</a>" in html
    spam.mark_handled(rep)
    assert f"/messages/{spam.pk}/" not in section(as_rep, "failed")


@pytest.fixture
def failed(lead: Lead, rep: User) -> SmsMessage:
    """Return a text that failed for a reason that a test chooses."""
    message = factories.message(
        lead,
        status="error",
        reason="carrier_outage",
        user=rep,
        contact=factories.contact(lead),
        sender=factories.sender(lead.organization),
    )
    Attempt.objects.create(
        organization=lead.organization, message=message, carrier="sandbox", state="failed"
    )
    return message


@pytest.mark.once
def test_one_click_resends_a_text(as_rep: Client, failed: SmsMessage) -> None:
    assert f'action="/messages/{failed.pk}/again/"' in section(as_rep, "failed")
    page = as_rep.post(f"/messages/{failed.pk}/again/", {"next": "/"}, follow=True)
    assert page.redirect_chain[-1][0] == "/"
    assert "Resending to (415) 555-0123." in html_of(page)
    failed.refresh_from_db()
    assert failed.status == "outbox"
    # In another window, the button is still there.
    SmsMessage.objects.update(status="sent")
    Attempt.objects.update(state="accepted")
    page = as_rep.post(f"/messages/{failed.pk}/again/", {"next": "/"}, follow=True)
    assert "This text was resent already." in html_of(page)


def undo_token(html: str) -> str:
    return html.partition('name="token" value="')[2].partition('"')[0]


@pytest.mark.once
def test_marking_as_handled_can_be_undone(as_rep: Client, failed: SmsMessage) -> None:
    SmsMessage.objects.update(reason="opted_out")
    assert f'action="/messages/{failed.pk}/handle/"' in section(as_rep, "failed")
    page = as_rep.post(f"/messages/{failed.pk}/handle/", {"next": "/"}, follow=True)
    assert "Marked as handled." in html_of(page)
    assert "No texts failed in the last seven days." in section(as_rep, "failed")
    as_rep.post("/undo/", {"token": undo_token(html_of(page))})
    assert "1 text · Bluebird Bakery" in " ".join(section(as_rep, "failed").split())


@pytest.mark.once
def test_an_edited_text_is_resent_and_undone(
    as_rep: Client, failed: SmsMessage, settings: Settings
) -> None:
    settings.SEND_UNDO_SECONDS = 60
    SmsMessage.objects.update(reason="spam")
    url = f"/messages/{failed.pk}/correct/?step=edit_and_resend&next=/"
    form = html_of(as_rep.get(url)).partition('<form class="card stack"')[2].partition("</form>")[0]
    assert "New number" not in form  # Only the words need to change.
    assert 'type="hidden" name="phone" value="(415) 555-0123"' in form
    assert re.search(r"<textarea[^>]* autofocus", form)
    fields = {"phone": failed.remote_phone, "text": "Hello", "form_token": str(uuid4())}
    page = as_rep.post(url, fields, follow=True)
    assert page.redirect_chain[-1][0] == "/"
    assert "Resending to (415) 555-0123." in html_of(page)
    as_rep.post("/undo/", {"token": undo_token(html_of(page))})
    assert not failed.replacements.exists()
    assert "1 text · Bluebird Bakery" in " ".join(section(as_rep, "failed").split())


@pytest.mark.once
@pytest.mark.parametrize("address", ["?step=unknown", "?next=https://evil.example/"])
def test_odd_addresses_show_the_whole_form(
    as_rep: Client, failed: SmsMessage, address: str
) -> None:
    html = html_of(as_rep.get(f"/messages/{failed.pk}/correct/{address}"))
    assert "New number" in html
    assert "evil.example" not in html


def test_a_lead_that_was_texted_again_needs_nothing(as_rep: Client, rep: User, lead: Lead) -> None:
    ago = timezone.now() - timedelta(hours=1)
    factories.message(lead, status="error", reason="spam", user=rep, created=ago)
    factories.message(lead, status="sent", user=rep)
    assert "No texts failed in the last seven days." in section(as_rep, "failed")


def test_the_links_of_a_group_find_its_texts(as_rep: Client, rep: User, lead: Lead) -> None:
    for each in (lead, factories.lead(rep, "Copper Cafe")):
        factories.message(each, status="error", reason="not_sms_capable", user=rep)
    html = section(as_rep, "failed")
    url = html.partition('class="button small" href="')[2].partition('"')[0].replace("&amp;", "&")
    page = html_of(as_rep.get(url))
    assert "Bluebird Bakery" in page
    assert "Copper Cafe" in page


def test_replies_wait_until_they_are_answered(as_rep: Client, rep: User, lead: Lead) -> None:
    factories.message(lead, direction="incoming", status="inbox", text="How much is it?")
    assert "How much is it?" in section(as_rep, "replies")
    factories.message(lead, status="sent", user=rep)
    assert "No replies are waiting for you." in section(as_rep, "replies")


def test_who_opted_out_waits_for_no_answer(as_rep: Client, rep: User, lead: Lead) -> None:
    factories.sender(lead.organization)
    factories.contact(lead)
    calls.text("How much is it?")
    assert "How much is it?" in section(as_rep, "replies")
    calls.text("STOP", sid="SMin2")
    assert "No replies are waiting for you." in section(as_rep, "replies")


def test_a_manager_sees_the_team(as_rep: Client, rep: User, colleague: User) -> None:
    text = factories.message(
        factories.lead(colleague, "Copper Cafe"), status="error", reason="spam", user=colleague
    )
    assert text.lead.name not in section(as_rep, "failed", "?team=1")
    User.objects.filter(pk=rep.pk).update(role="manager")
    assert text.lead.name not in section(as_rep, "failed")
    assert text.lead.name in section(as_rep, "failed", "?team=1")


def test_scheduled_texts_and_open_requests_are_listed(
    as_rep: Client, rep: User, lead: Lead
) -> None:
    at = timezone.now() + timedelta(days=2)
    factories.message(lead, status="scheduled", scheduled=at, user=rep, text="See you then")
    factories.support_request(rep)
    assert "See you then" in section(as_rep, "scheduled")
    assert "Not submitted" in section(as_rep, "your-turn")


@pytest.mark.parametrize("rows", [1, 9])
def test_more_rows_take_no_more_queries(
    as_rep: Client, rep: User, rows: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        lead = factories.lead(rep, f"Lead {number}")
        factories.message(lead, status="error", reason="spam", user=rep)
        replied = factories.lead(rep, f"Replied {number}")
        factories.message(replied, direction="incoming", status="inbox", text="Yes")
    with django_assert_max_num_queries(14):
        as_rep.get("/")
