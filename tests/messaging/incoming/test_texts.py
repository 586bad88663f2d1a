from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead, Note
from messaging.incoming import events
from messaging.models import CarrierEvent, OptOut, SenderNumber, SmsMessage, UnmatchedText
from messaging.outgoing import outbox
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.logs import Lines
from tests.messaging import calls
from tests.messaging.calls import text


@pytest.fixture(autouse=True)
def number(organization: Organization) -> SenderNumber:
    return factories.sender(organization)


def incoming() -> SmsMessage:
    return SmsMessage.objects.get(direction="incoming")


class TestMatchingLead:
    def test_a_text_joins_the_lead_with_its_number(self, lead: Lead, number: SenderNumber) -> None:
        contact = factories.contact(lead)
        assert text("Yes, please €").status_code == 200
        message = incoming()
        assert (message.lead, message.contact, message.sender) == (lead, contact, number)
        assert (message.status, message.text) == ("inbox", "Yes, please €")
        assert (message.remote_phone, message.local_phone) == (
            factories.MOBILE,
            factories.OUR_NUMBER,
        )
        event = CarrierEvent.objects.get()
        assert (event.outcome, event.message) == ("applied", message)
        lead.refresh_from_db()
        assert lead.received_sms_count == 1

    @pytest.fixture
    def other(self, lead: Lead, rep: User) -> Lead:
        """Return a newer lead, and a newer contact, with the same number."""
        other = factories.lead(rep, "Acorn Shop")
        factories.contact(lead)
        factories.contact(other)
        return other

    @pytest.mark.parametrize("name", ["Bluebird Bakery", "Acorn Shop"])
    @pytest.mark.usefixtures("other")
    def test_of_several_leads_the_one_with_the_latest_activity_is_chosen(
        self, rep: User, name: str
    ) -> None:
        tomorrow = timezone.now() + timedelta(days=1)
        newest = Lead.objects.get(name=name)
        Note.objects.create(
            organization=newest.organization, lead=newest, user=rep, text="Called", created=tomorrow
        )
        text()
        assert incoming().lead == newest

    def test_of_equally_active_leads_the_newest_is_chosen(self, other: Lead) -> None:
        at = timezone.now()
        Lead.objects.update(created=at)
        assert Lead.objects.values("last_activity_at").distinct().count() == 1
        text()
        assert incoming().lead == other

    def test_of_a_leads_contacts_the_first_is_chosen(self, lead: Lead) -> None:
        first = factories.contact(lead, name="Ada Baker")
        factories.contact(lead, name="Bob Baker")
        text()
        assert incoming().contact == first

    def test_a_lead_of_another_organization_is_never_chosen(
        self, stranger: User, lead: Lead
    ) -> None:
        other_lead = factories.lead(stranger)
        factories.contact(other_lead)
        text()
        assert incoming().lead.organization == lead.organization

    def test_a_number_in_another_format_is_matched(self, lead: Lead) -> None:
        factories.contact(lead)
        text(sender="(415) 555-0123")
        assert incoming().lead == lead


class TestUnknownNumbers:
    def test_a_lead_is_created(self, organization: Organization) -> None:
        text()
        lead = incoming().lead
        assert (lead.name, lead.organization) == ("(415) 555-0123", organization)
        assert [contact.name for contact in lead.contacts.all()] == ["(415) 555-0123"]

    def test_the_next_text_joins_the_new_lead(self) -> None:
        text()
        text("And one more", sid="SMin2")
        assert Lead.objects.get().received_sms_count == 2

    def test_without_the_setting_the_text_waits_for_a_match(self, rep: User) -> None:
        Organization.objects.update(unknown_senders_become_leads=False)
        assert text().status_code == 200
        event = CarrierEvent.objects.get()
        assert (event.outcome, event.note) == ("waiting", "No lead has the number +14155550123.")
        assert not Lead.objects.exists()
        kept = UnmatchedText.objects.open().get()
        assert (kept.remote, kept.text, kept.cause) == (factories.MOBILE, "Yes, please", "no_lead")
        assert events.process_waiting() == 0
        lead = factories.lead(rep)
        factories.contact(lead)
        assert events.process_waiting() == 1
        assert incoming().lead == lead
        assert incoming().created == event.received
        kept.refresh_from_db()
        assert (kept.state, kept.message) == ("matched", incoming())
        assert events.process_waiting() == 0

    def test_a_lead_of_another_organization_does_not_match(self, stranger: User) -> None:
        Organization.objects.update(unknown_senders_become_leads=False)
        text()
        factories.contact(factories.lead(stranger))
        assert events.process_waiting() == 0

    def test_a_repeated_text_is_kept_once(self) -> None:
        Organization.objects.update(unknown_senders_become_leads=False)
        text()
        text(Retried="yes")
        assert UnmatchedText.objects.count() == 1
        assert calls.last_event().outcome == "ignored"

    def test_an_opt_out_counts_while_the_text_waits(self) -> None:
        Organization.objects.update(unknown_senders_become_leads=False)
        text("STOP")
        assert OptOut.objects.get().recipient.phone == factories.MOBILE

    @pytest.mark.once
    @pytest.mark.parametrize("sender", ["VERIFY", "72975", "", "+1", "☎"])
    def test_short_codes_and_names_are_kept_with_a_note(self, sender: str) -> None:
        assert text(sender=sender).status_code == 200
        event = CarrierEvent.objects.get()
        assert event.outcome == "waiting"
        assert "isn't a phone number" in event.note
        kept = UnmatchedText.objects.open().get()
        assert (kept.remote, kept.text, kept.event) == (sender, "Yes, please", event)
        assert kept.get_cause_display() == "Short code or name"

    @pytest.mark.parametrize("to", ["+12125550177", "72975"])
    def test_a_text_to_an_unknown_sender_number_waits(self, to: str) -> None:
        assert text(to=to).status_code == 200
        assert calls.last_event().outcome == "waiting"
        assert not SmsMessage.objects.exists()


class TestFloods:
    @pytest.fixture(autouse=True)
    def _limit(self, settings: Settings) -> None:
        settings.UNKNOWN_SENDER_LEADS_PER_HOUR = 3

    def flood(self, count: int, first: int = 0) -> None:
        for number in range(first, first + count):
            text(sid=f"SMin{number}", sender=f"+1415555{1000 + number}")

    def test_unknown_senders_create_a_limited_number_of_leads(
        self, organization: Organization, lines: Lines
    ) -> None:
        self.flood(8)
        assert Lead.objects.count() == 3
        kept = UnmatchedText.objects.open()
        assert {row.cause for row in kept} == {"limit"}
        assert [row.text for row in kept] == ["Yes, please"] * 5
        warnings = [line for line in lines.values if line["event"] == "unknown_sender_limit"]
        assert [line["organization_id"] for line in warnings] == [organization.pk]

    def test_a_number_that_became_a_lead_can_go_on_texting(self) -> None:
        self.flood(4)
        text("Are you there?", sid="SMagain", sender="+14155551000")
        assert SmsMessage.objects.filter(text="Are you there?").exists()

    def test_an_opt_out_over_the_limit_counts(self) -> None:
        self.flood(3)
        text("STOP", sid="SMstop", sender="+14155559999")
        assert OptOut.objects.get().recipient.phone == "+14155559999"

    def test_after_an_hour_new_leads_are_created_again(self) -> None:
        self.flood(4)
        hour_ago = timezone.now() - timedelta(minutes=61)
        UnmatchedText.objects.update(received=hour_ago)
        self.flood(1, first=4)
        assert Lead.objects.count() == 4
        assert UnmatchedText.objects.open().count() == 1

    def test_another_organization_has_its_own_limit(self, stranger: User) -> None:
        assert stranger.organization is not None
        other = factories.sender(stranger.organization, phone="+12125550199")
        self.flood(4)
        text(sid="SMother", to=other.phone, sender="+14155551000")
        assert Lead.objects.filter(organization=stranger.organization).count() == 1

    def test_a_flood_does_not_delay_unmatched_receipts(
        self, lead: Lead, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(events, "BATCH", 2)
        self.flood(8)
        calls.report("delivered")
        attempt = calls.sent(lead, SenderNumber.objects.get())
        events.process_waiting()
        attempt.refresh_from_db()
        assert attempt.receipt == "delivered"


class TestDuplicates:
    def test_the_same_text_with_another_id_is_another_message(self, lead: Lead) -> None:
        factories.contact(lead)
        text("Hello?", sid="SMin1")
        text("Hello?", sid="SMin2")
        assert lead.messages.count() == 2

    def test_the_same_id_is_one_message(self, lead: Lead) -> None:
        factories.contact(lead)
        text("Hello?")
        text("Hello?")
        text("Hello?", Retried="yes")
        assert lead.messages.count() == 1
        assert calls.last_event().outcome == "ignored"

    def test_a_status_with_the_same_id_is_not_a_duplicate(self, lead: Lead) -> None:
        factories.contact(lead)
        CarrierEvent.objects.create(
            carrier="sandbox",
            kind="status",
            event_id="1",
            carrier_id="SMin1",
            payload=[],
            outcome="applied",
        )
        text("Hello?")
        assert incoming().text == "Hello?"

    def test_processing_an_event_twice_creates_one_message(self, lead: Lead) -> None:
        factories.contact(lead)
        text()
        events.process(CarrierEvent.objects.get())
        assert lead.messages.count() == 1


class TestOptOuts:
    @pytest.fixture(autouse=True)
    def contact(self, lead: Lead) -> None:
        factories.contact(lead)

    @pytest.mark.once
    @pytest.mark.parametrize("word", ["STOP", " stop. ", "Unsubscribe!", "ARRET"])
    def test_stop_is_an_opt_out(self, word: str, number: SenderNumber) -> None:
        text(word)
        opt_out = OptOut.objects.get()
        assert (opt_out.source, opt_out.certain, opt_out.sender) == ("keyword", True, number)
        assert opt_out.message == incoming()

    @pytest.mark.once
    def test_free_wording_waits_for_a_person(self) -> None:
        text("please stop texting me")
        opt_out = OptOut.objects.get()
        assert (opt_out.source, opt_out.certain) == ("wording", False)
        assert opt_out.words == "please stop texting me"

    def test_start_ends_the_opt_out(self) -> None:
        text("STOP")
        text("START", sid="SMin2")
        assert not OptOut.objects.in_force().exists()

    def test_a_stop_counts_before_the_carrier_gets_a_response(
        self, lead: Lead, rep: User, number: SenderNumber
    ) -> None:
        """No worker has processed anything."""
        post = partial(calls.post, "/webhooks/sandbox/inbound/")
        parties = {"From": factories.MOBILE, "To": factories.OUR_NUMBER}
        fields: dict[str, Any] = {"user": rep, "lead": lead, "contact": None, "sender": number}
        post(calls.form(MessageSid="SMin1", Body="Stop", **parties))
        with pytest.raises(outbox.Refused):
            outbox.check_and_queue(to=factories.MOBILE, text="Hello", **fields)
        post(calls.form(MessageSid="SMin2", Body="Start", **parties))
        assert outbox.check_and_queue(to=factories.MOBILE, text="Hello", **fields)

    @pytest.mark.once
    @pytest.mark.parametrize("word", ["HELP", "See you at the bus stop", "Yes, please"])
    def test_other_texts_are_not_opt_outs(self, word: str) -> None:
        text(word)
        assert not OptOut.objects.exists()
        assert incoming().text == word


@pytest.mark.parametrize("body", ["", "Zürich 🙂 Да", "a" * 1600, "nul\0l"])
def test_any_text_is_recorded(lead: Lead, body: str) -> None:
    factories.contact(lead)
    assert text(body).status_code == 200
    assert incoming().text == body.replace("\0", "")
