"""Failed texts of a search, or ticked ones, are resent in bulk."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Lead
from messaging.models import Attempt, SenderNumber, SmsMessage
from smscenter.accounts.models import User
from tests import factories
from tests.html import html_of
from tests.messaging.desk import Desk
from tests.messaging.outgoing.bulk.conftest import (
    Create,
    buckets,
    choose,
    finish,
    move,
    number,
    reasons,
    recipient,
    ticked,
)

FAILED = "/bulk/new/?kind=resend&q=status:error"


def failed(lead: Lead, sender: SenderNumber, n: int, **fields: object) -> SmsMessage:
    defaults = {
        "status": "error",
        "reason": "carrier_outage",
        "sender": sender,
        "remote_phone": number(n),
        "text": f"Text {n}",
    }
    message = factories.message(lead, **defaults | fields)
    if message.failed:
        Attempt.objects.create(
            organization=lead.organization, message=message, carrier="desk", state="failed"
        )
    return message


@pytest.fixture
def texts(rep: User, sender: SenderNumber) -> list[SmsMessage]:
    lead = recipient(rep, 0)
    return [failed(lead, sender, n) for n in range(3)]


def test_failed_texts_of_a_search_are_resent(
    as_rep: Client, texts: list[SmsMessage], create: Create, desk: Desk
) -> None:
    factories.message(texts[0].lead, text="It arrived")
    assert "Resend all failed" in html_of(as_rep.get("/messages/?q=status:error"))
    bulk = create(FAILED)
    page = html_of(as_rep.get(bulk.get_absolute_url()))
    assert "Resend 3 texts" in page
    assert "From <time" in page
    move(as_rep, bulk, "start")
    finish(bulk)
    assert sorted(sms.text for sms in desk.sent) == ["Text 0", "Text 1", "Text 2"]
    assert buckets(as_rep, bulk) == {"sent": 3}
    assert SmsMessage.objects.count() == 4
    assert Attempt.objects.filter(number=2, state="accepted").count() == 3


@pytest.mark.once
def test_only_texts_that_may_be_retried_are_resent(
    as_rep: Client, texts: list[SmsMessage], create: Create, sender: SenderNumber, desk: Desk
) -> None:
    lead = texts[0].lead
    texts.append(failed(lead, sender, 4, reason="spam"))
    texts.append(failed(lead, sender, 5, status="sent", reason=""))
    texts.append(failed(lead, sender, 0))
    bulk = create(ticked(texts, "resend"))
    assert buckets(as_rep, bulk) == {"waiting": 3, "left_out": 3}
    assert reasons(as_rep, bulk, "left_out") == {"spam": 1, "not_failed": 1, "duplicate": 1}
    SmsMessage.objects.filter(pk=texts[1].pk).update(status="sent", reason="")
    texts[2].delete()
    move(as_rep, bulk, "start")
    finish(bulk)
    assert [sms.text for sms in desk.sent] == ["Text 0"]
    assert buckets(as_rep, bulk) == {"sent": 1, "left_out": 5}


@pytest.mark.once
def test_old_texts_are_included_only_by_a_person(
    as_rep: Client, texts: list[SmsMessage], create: Create, desk: Desk
) -> None:
    old = timezone.now() - timedelta(hours=73)
    SmsMessage.objects.filter(pk__in=[text.pk for text in texts[:2]]).update(created=old)
    bulk = create(FAILED)
    assert reasons(as_rep, bulk, "left_out") == {"old": 2}
    page = html_of(as_rep.get(bulk.get_absolute_url()))
    assert "Older than 72 hours. Check that it&#x27;s still true." in page
    assert "Include all 2 older texts" in page
    choose(as_rep, bulk, "old")
    assert buckets(as_rep, bulk) == {"waiting": 3}
    move(as_rep, bulk, "start")
    finish(bulk)
    assert buckets(as_rep, bulk) == {"sent": 3}


@pytest.mark.once
def test_a_stopped_resend_leaves_texts_failed(
    as_rep: Client, texts: list[SmsMessage], create: Create, desk: Desk
) -> None:
    bulk = create(FAILED)
    move(as_rep, bulk, "start")
    move(as_rep, bulk, "stop")
    finish(bulk)
    assert not desk.sent
    assert buckets(as_rep, bulk) == {"stopped": 3}
    assert SmsMessage.objects.failed().count() == 3


@pytest.mark.once
def test_a_search_without_failed_texts_says_so(as_rep: Client, lead: Lead) -> None:
    factories.message(lead)
    response = as_rep.get("/bulk/new/?kind=resend", follow=True)
    assert "There are no failed texts to resend in this search." in html_of(response)
