"""Test resending blocked texts after a whitelisting, and measuring its effect."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from leads.models import Lead
from messaging.deliverability import recounting
from messaging.models import Attempt, OptOut, Recipient, SenderNumber, SmsMessage
from smscenter.accounts.models import Organization, User
from smscenter.support.models import SupportRequest, SupportRequestEvent, Whitelisting
from smscenter.support.models.states import State
from smscenter.support.requests import outcomes
from smscenter.support.requests.whitelistings import revoke
from tests import factories
from tests.html import html_of

Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]
Blocked = Callable[..., SmsMessage]


@pytest.fixture
def whitelisted(support_request: SupportRequest, bring: Bring) -> SupportRequest:
    bring(support_request, State.WHITELISTED)
    return support_request


def again(support_request: SupportRequest) -> str:
    return reverse("request_resend", args=[support_request.pk])


@pytest.mark.once
def test_the_preview_lists_skipped_texts_with_reasons(
    as_rep: Client, whitelisted: SupportRequest, blocked: Blocked, lead: Lead
) -> None:
    known = {
        phone: Recipient.objects.create(organization=lead.organization, phone=phone)
        for phone in ("+14155550101", "+14155550102")
    }
    OptOut.objects.create(
        organization=lead.organization, recipient=known["+14155550101"], source="keyword"
    )
    Recipient.objects.filter(phone="+14155550102").update(capability="not_sms_capable")
    whitelisted.attach(
        [
            blocked("Good"),
            blocked("To someone who opted out", remote_phone="+14155550101"),
            blocked("To a landline", remote_phone="+14155550102"),
            blocked("Sent", status="sent", reason=""),
            blocked("Unreachable", reason="unreachable"),
        ]
    )
    response = as_rep.get(again(whitelisted))
    plan = response.context["plan"]
    assert [message.text for message in plan.texts] == ["Good"]
    why = {left.message.text: left.why for left in plan.skipped}
    assert set(why) == {"To someone who opted out", "To a landline", "Sent", "Unreachable"}
    assert "opted out" in why["To someone who opted out"]
    assert why["Sent"] == "It didn't fail: sent."
    text = response.content.decode()
    for sentence in why.values():
        assert escape(sentence) in text


@pytest.mark.once
def test_old_texts_are_not_preselected(
    as_rep: Client, whitelisted: SupportRequest, blocked: Blocked, lead: Lead
) -> None:
    """Another product resent an “offer ends at midnight” of seven weeks ago."""
    ada = factories.contact(lead)
    days = [timezone.now() - timedelta(hours=hours) for hours in (1, 71, 73)]
    texts = [blocked(f"Text {day:%d}", created=day, contact=ada) for day in days]
    whitelisted.attach(texts)
    html = html_of(as_rep.get(again(whitelisted)))
    for text, is_recent in zip(texts, (True, True, False), strict=True):
        _, _, rest = html.partition(f'value="{text.pk}"')
        label = rest.partition("</label>")[0]
        assert ("checked" in label.partition(">")[0]) is is_recent
        assert ("Older than 72 hours." in label) is not is_recent
        assert "To Ada Baker, " in label
        assert "(415) 555-0123" in label
        assert "<time datetime=" in label
    as_rep.post(again(whitelisted), {"texts": [texts[2].pk]})
    assert Attempt.objects.get().message == texts[2]


@pytest.mark.once
def test_a_text_resent_in_other_words_is_not_sent_again(
    as_rep: Client, whitelisted: SupportRequest, blocked: Blocked, lead: Lead
) -> None:
    whitelisted.attach([text := blocked()])
    factories.message(lead, status="sent", text="Better words", replaces=text)
    page = html_of(as_rep.get(again(whitelisted)))
    assert "There are no texts to resend." in page
    assert "It was edited and resent today, " in page


@pytest.mark.once
def test_quiet_hours_are_shown_and_hold_texts(
    as_rep: Client,
    whitelisted: SupportRequest,
    blocked: Blocked,
    lead: Lead,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whitelisted.attach([text := blocked()])
    night = datetime.combine(timezone.now().date() + timedelta(days=1), time(7, 17), UTC)
    monkeypatch.setattr(timezone, "now", lambda: night)
    assert "PM where the recipient is." in html_of(as_rep.get(again(whitelisted)))
    Organization.objects.filter(pk=lead.organization_id).update(quiet_hours="hold")
    assert "Your organization holds this text" in html_of(as_rep.get(again(whitelisted)))
    response = as_rep.post(again(whitelisted), {"texts": [text.pk]}, follow=True)
    assert "1 text waits until quiet hours are over for the recipient." in html_of(response)
    assert Attempt.objects.get().due > night
    SmsMessage.objects.update(status="error", reason="spam")
    Organization.objects.filter(pk=lead.organization_id).update(quiet_hours="refuse")
    html = html_of(as_rep.get(again(whitelisted)))
    assert "There are no texts to resend." in html
    assert "Your organization sends texts only 8 AM–9 PM their time." in html


@pytest.mark.once
def test_blocked_texts_are_resent(
    as_rep: Client, whitelisted: SupportRequest, blocked: Blocked
) -> None:
    texts = [blocked("One"), blocked("Two"), blocked("Outdated")]
    whitelisted.attach(texts)
    page = html_of(as_rep.get(whitelisted.get_absolute_url()))
    assert f'href="{again(whitelisted)}"' in page
    chosen = {"texts": [texts[0].pk, texts[1].pk]}
    response = as_rep.post(again(whitelisted), chosen, follow=True)
    assert "Resending 2 texts." in response.content.decode()
    statuses = [SmsMessage.objects.get(pk=text.pk).status for text in texts]
    assert statuses == ["outbox", "outbox", "error"]
    assert Attempt.objects.count() == 2


@pytest.mark.once
def test_resending_is_offered_while_there_are_texts_to_resend(
    as_rep: Client, whitelisted: SupportRequest, blocked: Blocked
) -> None:
    text = blocked()
    whitelisted.attach([text])
    offer, sentence = f'href="{again(whitelisted)}"', "stay failed until you resend them."
    page = html_of(as_rep.get(whitelisted.get_absolute_url()))
    assert offer in page
    assert sentence in page
    SmsMessage.objects.filter(pk=text.pk).update(status="sent", reason="")
    page = html_of(as_rep.get(whitelisted.get_absolute_url()))
    assert offer not in page
    assert sentence not in page
    assert "</time>: sent </li>" in page


def test_a_second_click_does_not_resend_twice(
    as_rep: Client, whitelisted: SupportRequest, blocked: Blocked
) -> None:
    text = blocked()
    whitelisted.attach([text])
    for _ in range(2):
        as_rep.post(again(whitelisted), {"texts": [text.pk]})
    assert Attempt.objects.count() == 1


@pytest.mark.parametrize("texts", [[], ["x"], ["0"], ["9" * 30]])
@pytest.mark.once
def test_an_invalid_choice_is_rejected(
    as_rep: Client, whitelisted: SupportRequest, blocked: Blocked, texts: list[str]
) -> None:
    whitelisted.attach([blocked()])
    assert as_rep.post(again(whitelisted), {"texts": texts}).status_code == 422
    assert not Attempt.objects.exists()


@pytest.mark.once
def test_only_texts_of_the_request_are_resent(
    as_rep: Client, whitelisted: SupportRequest, blocked: Blocked
) -> None:
    whitelisted.attach([blocked()])
    assert as_rep.post(again(whitelisted), {"texts": [blocked().pk]}).status_code == 422


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.REFUSED])
@pytest.mark.once
def test_texts_can_only_be_resent_after_a_whitelisting(
    as_rep: Client, support_request: SupportRequest, bring: Bring, blocked: Blocked, state: State
) -> None:
    support_request.attach([text := blocked()])
    bring(support_request, state)
    for response in (
        as_rep.get(again(support_request), follow=True),
        as_rep.post(again(support_request), {"texts": [text.pk]}, follow=True),
    ):
        assert "number isn&#x27;t whitelisted right now" in response.content.decode()
    assert not Attempt.objects.exists()


@pytest.mark.once
def test_texts_cannot_be_resent_after_a_revocation(
    as_rep: Client, whitelisted: SupportRequest, staff: User, blocked: Blocked
) -> None:
    revoke(Whitelisting.objects.get(), staff, "Complaints.")
    page = html_of(as_rep.get(whitelisted.get_absolute_url()))
    assert again(whitelisted) not in page
    assert "Complaints." in page
    response = as_rep.get(again(whitelisted), follow=True)
    assert "number isn&#x27;t whitelisted right now" in response.content.decode()


@pytest.mark.once
def test_strangers_get_404_when_resending(as_stranger: Client, whitelisted: SupportRequest) -> None:
    assert as_stranger.get(again(whitelisted)).status_code == 404


@pytest.fixture
def traffic(lead: Lead, sender: SenderNumber) -> Callable[..., None]:
    """Create a day's texts, some of them blocked."""

    def make(days: int, texts: int, blocked: int, **fields: Any) -> None:
        at = timezone.now() + timedelta(days=days)
        for number in range(texts):
            failed = {"status": "error", "reason": "spam"} if number < blocked else {}
            message = factories.message(lead, sender=sender, created=at, **failed | fields)
            if failed:
                Attempt.objects.create(
                    organization=lead.organization,
                    message=message,
                    sender=sender,
                    carrier="sandbox",
                    state="failed",
                    reason="spam",
                    created=at,
                )

    return make


def test_blocked_rates_before_and_after_a_whitelisting(
    as_rep: Client,
    whitelisted: SupportRequest,
    traffic: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outcomes, "FEW", 8)
    whitelisting = Whitelisting.objects.get()
    Whitelisting.objects.update(granted=timezone.now() - timedelta(days=10))
    traffic(-45, 5, 5)  # too long ago to count
    traffic(-15, 8, 4)
    traffic(-5, 10, 1)
    whitelisting.refresh_from_db()
    effect = outcomes.effect(whitelisting)
    assert (effect.before.texts, effect.before.blocked, effect.before.per_thousand) == (8, 4, 500.0)
    assert (effect.after.texts, effect.after.blocked, effect.after.per_thousand) == (10, 1, 100.0)
    page = html_of(as_rep.get(whitelisted.get_absolute_url()))
    assert "<strong>500 of 1,000 texts</strong> (4 of 8)" in page
    assert "<strong>100 of 1,000 texts</strong> (1 of 10)" in page


@pytest.mark.once
def test_a_few_texts_have_no_rate(
    as_rep: Client, whitelisted: SupportRequest, traffic: Callable[..., None]
) -> None:
    """Test small numbers: one text of two isn't “500 of 1,000”."""
    Whitelisting.objects.update(granted=timezone.now() - timedelta(days=10))
    traffic(-15, 2, 1)
    traffic(-5, 100, 3)
    page = html_of(as_rep.get(whitelisted.get_absolute_url()))
    assert "<strong>1 of 2 texts</strong>, too few to compare" in page
    assert "<strong>30 of 1,000 texts</strong> (3 of 100)" in page


def test_resending_does_not_change_the_rate_before(
    whitelisted: SupportRequest, traffic: Callable[..., None]
) -> None:
    Whitelisting.objects.update(granted=timezone.now() - timedelta(days=10))
    traffic(-15, 2, 2)
    SmsMessage.objects.update(status="sent", reason="")
    effect = outcomes.effect(Whitelisting.objects.get())
    assert effect.before.per_thousand == 1000.0


def test_pending_texts_and_texts_blocked_twice_count_once(
    whitelisted: SupportRequest, traffic: Callable[..., None]
) -> None:
    traffic(-15, 2, 2)
    again, also = SmsMessage.objects.filter(reason="spam")
    SmsMessage.objects.filter(pk=again.pk).update(status="outbox", reason="")
    Attempt.objects.create(
        organization=also.organization,
        message=also,
        sender=also.sender,
        number=2,
        carrier="sandbox",
        state="failed",
        reason="spam",
        created=also.created,
    )
    before = outcomes.effect(Whitelisting.objects.get()).before
    assert (before.texts, before.blocked, before.per_thousand) == (2, 2, 1000.0)


def test_an_old_text_that_is_blocked_again_is_not_a_new_one(
    whitelisted: SupportRequest, traffic: Callable[..., None]
) -> None:
    traffic(-45, 1, 1)
    traffic(-15, 1, 0)
    ago = timezone.now() - timedelta(days=14)
    Attempt.objects.update(created=ago)
    before = outcomes.effect(Whitelisting.objects.get()).before
    assert (before.texts, before.blocked) == (1, 0)


def test_other_organizations_texts_are_counted_once(
    whitelisted: SupportRequest, stranger: User, sender: SenderNumber
) -> None:
    assert stranger.organization is not None
    theirs = factories.sender(stranger.organization, phone="+12125550111")
    ago = timezone.now() - timedelta(days=3)
    text = factories.message(factories.lead(stranger), sender=theirs, created=ago)
    for number in (1, 2):
        Attempt.objects.create(
            organization=stranger.organization,
            message=text,
            number=number,
            carrier="sandbox",
            state="failed",
            reason="spam",
            created=ago,
        )
    recounting.recount_changed()
    others = outcomes.of_others(sender)
    assert (others.texts, others.blocked) == (1, 1)


def test_counted_days_and_texts_of_the_others_add_up(
    whitelisted: SupportRequest,
    traffic: Callable[..., None],
) -> None:
    Whitelisting.objects.update(granted=timezone.now() - timedelta(days=10))
    for days in (-40, -39, -25, -11, -10, -9, -4, 0):
        traffic(days, 2, 1)
    before = outcomes.effect(Whitelisting.objects.get())
    recounting.recount_changed()
    traffic(-5, 3, 0)  # changed since it was counted
    after = outcomes.effect(Whitelisting.objects.get())
    assert after.before.texts == before.before.texts == 8
    assert after.after.texts == before.after.texts + 3


def test_texts_after_the_expiry_do_not_count(
    whitelisted: SupportRequest, traffic: Callable[..., None], staff: User
) -> None:
    ago = timezone.now() - timedelta(days=10)
    Whitelisting.objects.update(granted=ago, expires=ago + timedelta(days=3))
    traffic(-8, 1, 0)
    traffic(-5, 3, 3)
    effect = outcomes.effect(Whitelisting.objects.get())
    assert (effect.after.texts, effect.after.blocked) == (1, 0)


@pytest.mark.once
def test_there_is_no_rate_without_texts(as_rep: Client, whitelisted: SupportRequest) -> None:
    effect = outcomes.effect(Whitelisting.objects.get())
    assert effect.before.per_thousand is effect.after.per_thousand is None


def test_counts_are_capped(
    whitelisted: SupportRequest, traffic: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "MOST_COUNTED", 3)
    traffic(-1, 5, 4)
    before = outcomes.effect(Whitelisting.objects.get()).before
    assert (before.blocked, before.is_capped, before.per_thousand) == (3, True, None)
