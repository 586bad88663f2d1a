"""The red label shows that a text failed, why, what the carrier said, and what to do next."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from leads import timeline
from leads.models import Lead
from messaging.models import Attempt, OptOut, Recipient, SenderNumber, SmsMessage
from messaging.models.reason import ADVICE, Reason
from tests import factories

pytestmark = pytest.mark.once

HTMX = {"HX-Request": "true"}


def failed(lead: Lead, reason: Reason = Reason.SPAM, **attempt: Any) -> SmsMessage:
    contact = lead.contacts.first() or factories.contact(lead)
    sender = SenderNumber.objects.first() or factories.sender(lead.organization)
    message = factories.message(lead, status="error", reason=reason, contact=contact, sender=sender)
    Attempt.objects.create(
        organization=lead.organization,
        message=message,
        carrier="sandbox",
        state=Attempt.State.FAILED,
        reason=reason,
        **{"code": "30007", "carrier_words": "Message filtered"} | attempt,
    )
    return message


def lead_page(client: Client, lead: Lead) -> str:
    return client.get(f"/leads/{lead.pk}/").content.decode()


def test_a_failed_text_shows_reason_evidence_and_next_steps(as_rep: Client, lead: Lead) -> None:
    message = failed(lead)

    html = lead_page(as_rep, lead)

    assert f'popovertarget="why-{message.pk}"' in html
    assert "Flagged as spam" in html
    assert "<q>Message filtered</q>" in html
    assert "</q>." not in html, "the carrier's words may end with a period"
    assert "<code>30007</code>" in html
    assert f'href="/help/whitelist/?message={message.pk}"' in html
    assert 'href="/help/spam/"' in html
    assert f'action="/messages/{message.pk}/correct/?step=edit_and_resend"' in html


def test_every_reason_has_a_label_an_explanation_and_next_steps(as_rep: Client, lead: Lead) -> None:
    texts = {reason: failed(lead, reason) for reason in Reason}

    page = unescape(lead_page(as_rep, lead))

    for reason, message in texts.items():
        html = page.split(f'<li id="message-{message.pk}"')[1].split('<li id="message-')[0]
        assert f"{reason.label}</h3>" in html
        assert reason.second_line in html
        assert ADVICE[reason].meaning.split(".")[0] in html
        assert f'href="/help/{reason.help_slug}/"' in html
        assert f'class="quiet" href="/help/contact/?message={message.pk}">Contact support' in html
        assert ("Resend</button>" in html) == ("try_again" in ADVICE[reason].steps)
        assert ("Correct and resend" in html) == ("correct_number" in ADVICE[reason].steps)


def test_a_carrier_without_a_message_is_not_quoted(as_rep: Client, lead: Lead) -> None:
    failed(lead, Reason.CARRIER_OUTAGE, code="", carrier_words="")

    assert "The carrier didn't give a reason" in lead_page(as_rep, lead)


def test_a_carriers_message_is_escaped(as_rep: Client, lead: Lead) -> None:
    failed(lead, carrier_words="<script>alert(1)</script>")

    assert "<script>alert(1)" not in lead_page(as_rep, lead)


def test_resending_creates_a_new_attempt_and_keeps_the_old_one(as_rep: Client, lead: Lead) -> None:
    message = failed(lead, Reason.UNREACHABLE, code="30003")

    response = as_rep.post(f"/messages/{message.pk}/again/", headers=HTMX)

    message.refresh_from_db()
    assert message.status == "outbox"
    assert [attempt.state for attempt in message.attempts.all()] == ["failed", "queued"]
    assert "sending" in response.content.decode()
    assert "Attempt 2" in response.content.decode()
    assert "timeline-changed" in response.headers["HX-Trigger-After-Settle"]


def test_a_second_click_on_resend_does_nothing(as_rep: Client, lead: Lead) -> None:
    message = failed(lead, Reason.UNREACHABLE)

    for _ in range(2):
        response = as_rep.post(f"/messages/{message.pk}/again/", headers=HTMX)

    assert response.status_code == 200
    assert message.attempts.count() == 2


def test_a_text_sent_meanwhile_is_not_resent(as_rep: Client, lead: Lead) -> None:
    message = failed(lead, Reason.UNREACHABLE)
    SmsMessage.objects.filter(pk=message.pk).update(status="sent", reason="")

    response = as_rep.post(f"/messages/{message.pk}/again/", headers=HTMX)

    assert response.status_code == 200
    assert message.attempts.count() == 1


@pytest.mark.parametrize("htmx", [True, False])
def test_resending_is_refused_after_an_opt_out(as_rep: Client, lead: Lead, htmx: bool) -> None:
    message = failed(lead, Reason.UNREACHABLE)
    recipient = Recipient.objects.create(organization=lead.organization, phone=message.remote_phone)
    OptOut.objects.create(
        organization=lead.organization, recipient=recipient, source="keyword", words="STOP"
    )

    response = as_rep.post(
        f"/messages/{message.pk}/again/",
        headers=HTMX if htmx else {},
        follow=True,
    )

    assert "opted out" in response.content.decode()
    assert message.attempts.count() == 1


def test_a_person_settles_an_unconfirmed_attempt(as_rep: Client, lead: Lead) -> None:
    message = failed(lead)
    SmsMessage.objects.filter(pk=message.pk).update(status="outbox", reason="")
    attempt = message.attempts.get()
    Attempt.objects.filter(pk=attempt.pk).update(state=Attempt.State.UNCERTAIN)

    assert "unconfirmed" in lead_page(as_rep, lead)
    as_rep.post(f"/attempts/{attempt.pk}/settle/", {"sent": "yes"})

    message.refresh_from_db()
    assert message.status == "sent"


def test_a_landline_can_be_marked_as_textable(as_rep: Client, lead: Lead) -> None:
    message = failed(lead, Reason.NOT_SMS_CAPABLE)
    recipient = Recipient.objects.create(
        organization=lead.organization,
        phone=message.remote_phone,
        capability="not_sms_capable",
        capability_at=timezone.now(),
    )
    assert "Mark as textable" in lead_page(as_rep, lead)

    as_rep.post(f"/recipients/{recipient.pk}/allow/", {"next": f"/leads/{lead.pk}/"})

    html = lead_page(as_rep, lead)
    assert "Marked as textable." in html
    assert "Mark as textable" not in html


def test_the_page_never_redirects_to_another_site(as_rep: Client, lead: Lead) -> None:
    recipient = Recipient.objects.create(organization=lead.organization, phone=factories.MOBILE)

    response = as_rep.post(f"/recipients/{recipient.pk}/allow/", {"next": "https://evil.example/"})

    assert response.headers["Location"] == "/"


def test_a_texts_page_shows_every_attempt(as_rep: Client, lead: Lead) -> None:
    message = failed(lead)
    Attempt.objects.create(
        organization=lead.organization,
        message=message,
        number=2,
        carrier="sandbox",
        state=Attempt.State.FAILED,
        code="30003",
        carrier_words="Unreachable destination handset",
        reason=Reason.UNREACHABLE,
    )

    html = as_rep.get(f"/messages/{message.pk}/").content.decode()

    for words in ("Attempt 1: failed", "Attempt 2: failed", "30007", "Unreachable destination"):
        assert words in html
    assert "They don't prove that someone got or read a text" in html


def updates(client: Client, lead: Lead, since: str, *pending: str) -> str:
    query = {"since": since, "pending": list(pending)}
    return client.get(f"/leads/{lead.pk}/news/", query).content.decode()


def test_an_open_page_polls_only_while_something_is_pending(as_rep: Client, lead: Lead) -> None:
    factories.message(lead, sent=timezone.now() - timedelta(hours=1))
    assert "every 1s" not in lead_page(as_rep, lead)

    factories.message(lead, status="outbox")
    assert "every 1s" in lead_page(as_rep, lead)


def test_updates_have_changed_and_new_activities(as_rep: Client, lead: Lead) -> None:
    message = factories.message(lead, status="outbox")
    page = as_rep.get(f"/leads/{lead.pk}/")
    [activity] = page.context["timeline"].activities
    since = str(activity.position)
    assert f'data-pending="{activity.version}"' in page.content.decode()
    unchanged = updates(as_rep, lead, since, activity.version)

    SmsMessage.objects.filter(pk=message.pk).update(status="error", reason="spam")
    factories.message(lead, text="Yes please", direction="incoming", status="inbox")
    html = " ".join(updates(as_rep, lead, since, activity.version).split())

    assert "hx-swap-oob" not in unchanged
    assert "every 1s" in unchanged
    assert f'<li id="message-{message.pk}" class="activity message" hx-swap-oob="true"' in html
    assert "Flagged as spam" in html
    assert 'hx-swap-oob="afterbegin:#timeline"' in html
    assert "Yes please" in html
    assert "Text failed: Flagged as spam." in html


def test_the_head_counts_a_text_that_fails_during_an_update(
    as_rep: Client, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.message(lead, status="outbox")
    [activity] = as_rep.get(f"/leads/{lead.pk}/").context["timeline"].activities
    named = timeline.named

    def fail_first(*args: Any) -> Any:
        SmsMessage.objects.update(status="error", reason="spam")
        return named(*args)

    monkeypatch.setattr(timeline, "named", fail_first)
    html = updates(as_rep, lead, str(activity.position), activity.version)

    assert "Flagged as spam" in html
    assert "1 failed" in html


def test_an_open_page_polls_less_often_while_nothing_changes(as_rep: Client, lead: Lead) -> None:
    message = factories.message(lead, status="outbox")
    [activity] = as_rep.get(f"/leads/{lead.pk}/").context["timeline"].activities
    query = {"since": str(activity.position), "pending": [activity.version]}

    def after(polls: str | int) -> tuple[str, str]:
        """Return the delay until the next poll, and its number."""
        html = as_rep.get(f"/leads/{lead.pk}/news/", query | {"polls": polls}).content.decode()
        [found] = re.findall(r"polls=(\d+)\"\s+hx-trigger=\"every (\d+)s\"", html)
        return found[1], found[0]

    polls = [0, 28, 29, 44, 59, 74, 10_000]
    assert [after(n)[0] for n in polls] == ["1", "1", "2", "5", "10", "30", "30"]
    assert after(28) == ("1", "29")
    assert [after(bad) for bad in ("x", "-1", "9" * 99, "²")] == [("1", "1")] * 4
    SmsMessage.objects.filter(pk=message.pk).update(receipt="delivered")
    assert after(10_000) == ("1", "0")


@pytest.mark.parametrize(
    "pending", ["x", "message-", "message-1", "message-x:1", "message-99999999999999999999:1", ":"]
)
def test_without_changes_there_is_no_update(as_rep: Client, lead: Lead, pending: str) -> None:
    assert "hx-swap-oob" not in updates(as_rep, lead, "", pending)


def test_a_new_result_can_reload_the_recipients(as_rep: Client, lead: Lead) -> None:
    factories.message(lead, status="outbox")
    [activity] = as_rep.get(f"/leads/{lead.pk}/").context["timeline"].activities
    query = {"since": str(activity.position), "pending": [activity.version]}
    unchanged = as_rep.get(f"/leads/{lead.pk}/news/", query)
    SmsMessage.objects.update(status="error", reason="not_sms_capable")
    changed = as_rep.get(f"/leads/{lead.pk}/news/", query)

    assert "HX-Trigger-After-Settle" not in unchanged.headers
    assert "recipients-changed" in changed.headers["HX-Trigger-After-Settle"]
