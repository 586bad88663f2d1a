import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from leads.models import Contact, Lead
from messaging.management import worker
from messaging.models import Attempt, OptOut, SenderNumber, SmsMessage
from messaging.outgoing import outbox
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.messaging.conftest import Queue, only_attempt
from tests.messaging.desk import Desk


def test_queueing_creates_a_message_and_an_attempt(queue: Queue, sender: SenderNumber) -> None:
    message = queue(text="Hello\r\nthere €")
    assert (message.status, message.direction) == ("outbox", "outgoing")
    assert message.text == message.sent_text == "Hello\nthere €"
    assert (message.segments, message.encoding) == (1, "GSM-7")
    assert (message.remote_phone, message.local_phone) == (factories.MOBILE, sender.phone)
    attempt = only_attempt(message)
    assert (attempt.number, attempt.state, attempt.carrier) == (1, "queued", "desk")


def test_a_form_submitted_twice_creates_one_message(queue: Queue) -> None:
    token = uuid.uuid4()
    first = queue(form_token=token)
    assert queue(form_token=token, text="Hello again").pk == first.pk
    assert Attempt.objects.count() == 1


def test_the_same_token_creates_a_message_in_each_organization(
    queue: Queue, stranger: User, desk: Desk
) -> None:
    token = uuid.uuid4()
    other_lead = factories.lead(stranger)
    number = factories.sender(other_lead.organization, phone="+12125550111", carrier="desk")
    first = queue(form_token=token)
    other = queue(form_token=token, lead=other_lead, contact=None, sender=number, user=stranger)
    assert other.pk != first.pk


def test_a_later_text_is_scheduled(queue: Queue, desk: Desk) -> None:
    due = timezone.now() + timedelta(hours=1)
    message = queue(due=due)
    assert (message.status, message.scheduled) == ("scheduled", due)
    assert worker.run_round() == 0
    Attempt.objects.update(due=timezone.now())
    assert worker.run_round() == 1
    message.refresh_from_db()
    assert message.status == "sent"


class TestCheckAndQueue:
    def test_a_text_without_refusals_is_queued(
        self, rep: User, lead: Lead, contact: Contact, sender: SenderNumber
    ) -> None:
        message = outbox.check_and_queue(
            user=rep, lead=lead, contact=contact, sender=sender, to=factories.MOBILE, text="Hello"
        )
        assert message.status == "outbox"

    def test_a_refused_text_is_not_queued(
        self, rep: User, lead: Lead, contact: Contact, sender: SenderNumber
    ) -> None:
        with pytest.raises(outbox.Refused) as refused:
            outbox.check_and_queue(
                user=rep, lead=lead, contact=contact, sender=sender, to="+12425550123", text="Hello"
            )
        assert [verdict.code for verdict in refused.value.verdicts] == ["unsupported_country"]
        assert not SmsMessage.objects.exists()

    def test_a_person_who_opted_out_is_refused(
        self,
        organization: Organization,
        rep: User,
        lead: Lead,
        contact: Contact,
        sender: SenderNumber,
    ) -> None:
        OptOut.objects.record(
            organization,
            factories.MOBILE,
            source=OptOut.Source.KEYWORD,
            sender=sender,
            words="STOP",
        )
        with pytest.raises(outbox.Refused, match="STOP"):
            outbox.check_and_queue(
                user=rep, lead=lead, contact=contact, sender=sender, to=factories.MOBILE, text="Hi"
            )
