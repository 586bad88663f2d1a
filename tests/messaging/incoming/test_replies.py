"""STOP and HELP get one reply each, sent by the worker, and nothing else follows a STOP."""

from datetime import timedelta
from itertools import count

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from leads.models import Contact, Lead
from messaging.carriers import CarrierError
from messaging.composing import limits
from messaging.incoming import events
from messaging.management import worker
from messaging.models import Attempt, CarrierEvent, OptOut, SenderNumber, SmsMessage
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.factories import MOBILE
from tests.messaging import calls
from tests.messaging.conftest import Queue
from tests.messaging.desk import Desk

IDS = count(1)

pytestmark = pytest.mark.usefixtures("contact", "sender")


def text(body: str, sender: str = MOBILE, to: str = factories.OUR_NUMBER) -> SmsMessage:
    """Text one of our numbers at a carrier that confirms nothing by itself."""
    path, sid = reverse("webhook_inbound", args=["desk"]), f"in{next(IDS)}"
    values = {"id": sid, "from": sender, "to": to, "text": body}
    assert Client().post(path, values, headers={"X-Desk": "genuine"}).status_code == 204
    events.process_waiting()
    message = CarrierEvent.objects.get(carrier_id=sid).message
    assert message is not None
    return message


def replies(kind: str = "") -> list[SmsMessage]:
    rows = SmsMessage.objects.exclude(automatic="").order_by("id")
    return list(rows.filter(automatic=kind) if kind else rows)


def bodies(desk: Desk) -> list[str]:
    return [sms.text for sms in desk.sent]


class TestConfirmation:
    def test_it_leaves_and_nothing_after_it(
        self, as_rep: Client, lead: Lead, sender: SenderNumber, desk: Desk, queue: Queue
    ) -> None:
        waiting = queue(text="See you at nine")
        text("STOP")
        worker.run_round()

        [body] = bodies(desk)
        assert body.startswith("Acme: You've opted out and won't get more texts")
        waiting.refresh_from_db()
        assert (waiting.status, waiting.reason) == ("error", "opted_out")
        text("stop")
        text("END")
        page = as_rep.post(
            f"/leads/{lead.pk}/sms/new/",
            {
                "to": lead.contacts.get().phones.get().pk,
                "sender": sender.pk,
                "text": "One more thing",
                "form_token": "6a1f1d22-7d31-4c3f-9d36-0f6f5a0d7c11",
            },
        )
        worker.run_round()
        assert page.status_code == 422
        assert "this person opted out" in page.content.decode()
        assert len(desk.sent) == 1

    @pytest.mark.once
    def test_its_wording_is_the_organizations(self, organization: Organization, desk: Desk) -> None:
        organization.opt_out_reply = "Acme: désabonné / unsubscribed."
        organization.save()
        text("ARRÊT")
        worker.run_round()
        assert bodies(desk) == ["Acme: désabonné / unsubscribed."]

    @pytest.mark.once
    def test_a_stop_after_start_is_confirmed_again(self, desk: Desk) -> None:
        for word in ("STOP", "START", "STOP"):
            text(word)
        worker.run_round()
        assert len(desk.sent) == 2

    @pytest.mark.once
    def test_it_is_no_ones_text(self) -> None:
        text("STOP")
        [reply] = replies()
        assert (reply.user, reply.automatic, reply.status) == (None, "opt_out", "outbox")

    @pytest.mark.once
    def test_the_lead_page_shows_what_it_is(self, as_rep: Client, lead: Lead) -> None:
        text("STOP")
        assert "<strong>Opt-out confirmation</strong>" in as_rep.get(f"/leads/{lead.pk}/").text

    @pytest.mark.once
    def test_a_failed_one_is_not_retried(self, desk: Desk) -> None:
        desk.responses[MOBILE] = CarrierError("Busy", code="20429")
        text("STOP")
        worker.run_round()
        assert [(each.state, each.number) for each in Attempt.objects.all()] == [("failed", 1)]

    def test_a_late_stop_opts_out_without_one(self) -> None:
        payload = {"id": "late", "from": MOBILE, "to": factories.OUR_NUMBER, "text": "STOP"}
        event = CarrierEvent.objects.create(
            carrier="desk",
            kind="inbound",
            event_id="late",
            carrier_id="late",
            payload=[list(pair) for pair in payload.items()],
            received=timezone.now() - timedelta(minutes=6),
        )
        events.process(event)
        assert OptOut.objects.in_force().get().created == event.received
        assert not replies()

    @pytest.mark.once
    def test_a_carrier_that_confirms_by_itself_is_left_to_it(
        self, organization: Organization
    ) -> None:
        factories.sender(organization, phone="+12125550107")
        calls.text("Stop", to="+12125550107")
        events.process_waiting()
        assert OptOut.objects.get().certain
        assert not replies()

    @pytest.mark.once
    def test_a_word_that_the_carrier_does_not_know_is_confirmed(
        self, organization: Organization
    ) -> None:
        factories.sender(organization, phone="+12125550107")
        calls.text("Alto", to="+12125550107")
        events.process_waiting()
        assert len(replies("opt_out")) == 1


@pytest.mark.once
class TestHelp:
    def test_it_gets_the_organizations_text_once_a_day(
        self, organization: Organization, desk: Desk
    ) -> None:
        organization.help_reply = "Acme Plumbing. Call (212) 555-0100."
        organization.save()
        for word in ("HELP", "info", "Ayuda", "Aide!"):
            text(word)
        text("HELP", sender=factories.OTHER_MOBILE)
        worker.run_round()
        assert [(sms.to, sms.text) for sms in desk.sent] == [
            (MOBILE, "Acme Plumbing. Call (212) 555-0100."),
            (factories.OTHER_MOBILE, "Acme Plumbing. Call (212) 555-0100."),
        ]

    def test_without_one_it_names_the_organization(self, desk: Desk) -> None:
        text("HELP")
        worker.run_round()
        [body] = bodies(desk)
        assert body.startswith("Acme: Reply to this text")
        assert "Reply STOP to opt out." in body

    def test_it_does_not_use_up_anyones_limit(
        self, rep: User, organization: Organization, settings: Settings
    ) -> None:
        settings.TEXTS_PER_HOUR_TO_NUMBER = settings.TEXTS_PER_HOUR_BY_ORGANIZATION = 1
        text("HELP")
        assert len(replies()) == 1
        assert not limits.exceeded(organization, rep, MOBILE)

    def test_someone_who_opted_out_gets_it_too(self, desk: Desk) -> None:
        text("STOP")
        text("HELP")
        worker.run_round()
        assert [reply.automatic for reply in replies()] == ["opt_out", "help"]
        assert len(desk.sent) == 2

    def test_the_next_day_it_is_sent_again(self, sender: SenderNumber) -> None:
        first = text("HELP")
        SmsMessage.objects.filter(automatic="help").update(form_token=None)
        text("HELP")
        assert first.sender == sender
        assert len(replies("help")) == 2

    def test_an_inactive_sender_number_does_not_reply(self, sender: SenderNumber) -> None:
        sender.active = False
        sender.save()
        text("HELP")
        assert not replies()


@pytest.mark.once
class TestCarriersOwnReading:
    """Twilio reports what it acted on as OptOutType."""

    @pytest.fixture(autouse=True)
    def number(self, organization: Organization) -> SenderNumber:
        return factories.sender(organization, phone="+12125550107", messaging_service="MG1")

    def call(self, body: str, opt_out_type: str, sid: str = "SMin1") -> None:
        values = {"OptOutType": opt_out_type, "MessagingServiceSid": "MG1"}
        calls.text(body, sid=sid, to="+12125550107", **values)
        events.process_waiting()

    def test_stop_is_believed(self, contact: Contact) -> None:
        self.call("Basta", "STOP")
        opt_out = OptOut.objects.get()
        assert (opt_out.source, opt_out.certain, opt_out.service) == ("carrier", True, "MG1")
        assert opt_out.message is not None
        assert (opt_out.words, opt_out.message.contact) == ("Basta", contact)
        assert not replies()

    def test_start_is_believed(self) -> None:
        self.call("STOP", "STOP")
        self.call("Volver", "START", sid="SMin2")
        assert OptOut.objects.get().ended_by == "Volver"

    def test_help_was_answered_by_the_carrier(self) -> None:
        self.call("HELP", "HELP")
        assert not replies()

    def test_our_reading_of_stop_counts_more(self) -> None:
        self.call("STOP", "HELP")
        assert OptOut.objects.in_force().get().certain

    def test_an_unknown_type_is_ignored(self) -> None:
        self.call("stop", "WHATEVER")
        assert OptOut.objects.in_force().get().source == "keyword"

    def test_an_impossible_service_is_ignored(self, number: SenderNumber) -> None:
        calls.text("STOP", to=number.phone, MessagingServiceSid="M" * 65)
        assert OptOut.objects.get().service == number.messaging_service


class TestScope:
    @pytest.fixture
    def pool(self, organization: Organization) -> list[SenderNumber]:
        """Return two numbers of one messaging service, and one outside of it."""
        return [
            factories.sender(
                organization,
                carrier="desk",
                phone=f"+1212555010{number}",
                messaging_service=service,
            )
            for number, service in enumerate(["MG1", "MG1", "MG2"], start=1)
        ]

    def test_a_stop_covers_all_numbers_of_the_service(
        self, pool: list[SenderNumber], queue: Queue
    ) -> None:
        texts = [queue(sender=each) for each in pool]
        text("STOP", to=pool[0].phone)
        worker.run_round()
        for each in texts:
            each.refresh_from_db()
        assert [each.status for each in texts] == ["error", "error", "sent"]
        opt_out = OptOut.objects.get()
        assert [opt_out.covers(each) for each in pool] == [True, True, False]

    def test_a_second_stop_in_the_service_is_not_confirmed(
        self, pool: list[SenderNumber], desk: Desk
    ) -> None:
        for each in pool:
            text("STOP", to=each.phone)
        worker.run_round()
        assert {sms.sender for sms in desk.sent} == {pool[0].phone, pool[2].phone}
        assert len(desk.sent) == 2

    def test_a_number_that_joins_a_service_later_is_covered(
        self, pool: list[SenderNumber], queue: Queue
    ) -> None:
        SenderNumber.objects.update(messaging_service="")
        text("STOP", to=pool[0].phone)
        SenderNumber.objects.filter(pk__in=[pool[0].pk, pool[2].pk]).update(messaging_service="MG3")
        opt_out = OptOut.objects.get()
        for each in pool:
            each.refresh_from_db()
        assert [opt_out.covers(each) for each in pool] == [True, False, True]
        covering = [OptOut.objects.covering(each).exists() for each in pool]
        assert covering == [True, False, True]
        texts = [queue(sender=each) for each in pool]
        refused = OptOut.objects.refused(texts)
        assert [each.pk in refused for each in texts] == [True, False, True]

    def test_start_to_another_number_of_the_service_ends_it(self, pool: list[SenderNumber]) -> None:
        text("STOP", to=pool[0].phone)
        text("START", to=pool[2].phone)
        assert OptOut.objects.in_force().exists()
        text("START", to=pool[1].phone)
        assert not OptOut.objects.in_force().exists()


def test_reading_a_waiting_text_again_does_not_opt_out_again(
    rep: User, organization: Organization, lead: Lead
) -> None:
    """Texts without a lead are read again until someone has their number."""
    organization.unknown_senders_become_leads = False
    organization.save()
    factories.sender(organization, phone="+12125550107")
    for number, word in enumerate(["STOP", "START"]):
        calls.text(word, sid=f"SMin{number}", sender=factories.OTHER_MOBILE, to="+12125550107")
    for _ in range(2):
        events.process_waiting()
    ended = OptOut.objects.get().ended
    assert ended is not None
    factories.contact(lead, factories.OTHER_MOBILE)
    events.process_waiting()
    opt_out = OptOut.objects.get()
    assert (opt_out.ended, opt_out.message and opt_out.message.text) == (ended, "STOP")
    assert not replies()
