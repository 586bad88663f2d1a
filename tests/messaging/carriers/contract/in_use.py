"""What other products got wrong, by name: tests that every carrier's tests inherit.

Texts go through the worker to the carrier's API over real HTTP, and callbacks through the webhook.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead
from messaging import carriers
from messaging.incoming import events
from messaging.management import worker
from messaging.models import (
    Attempt,
    CarrierCode,
    CarrierEvent,
    OptOut,
    SenderNumber,
    SmsMessage,
)
from messaging.models.reason import Reason, Retry
from messaging.outgoing import outbox
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.messaging.carriers.contract.small_server import CLOSES, ApiRequest, Reply, SmallServer
from tests.messaging.carriers.contract.wire import PUBLIC_URL, ListedText, SentText, Webhook, Wire

Receipt = SmsMessage.Receipt


@pytest.mark.once
@pytest.mark.django_db
class CarrierInUse:
    wire: Wire

    @pytest.fixture(autouse=True)
    def api(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallServer]:
        settings.CARRIERS = [self.wire.key]
        settings.PUBLIC_URL, settings.CARRIER_TIMEOUT_SECONDS = PUBLIC_URL, 10
        monkeypatch.setitem(carriers.REGISTRY, self.wire.key, self.wire.adapter)
        carriers.get.cache_clear()
        with SmallServer() as server:
            server.respond = self.accept
            self.wire.configure(settings, server.url)
            self.map_codes()
            yield server
        carriers.get.cache_clear()

    def accept(self, request: ApiRequest) -> Reply:
        """Accept a text under an ID made of its wording."""
        return self.wire.taken(f"ID-{self.wire.read(request).text}")

    def map_codes(self) -> None:
        carrier = carriers.get(self.wire.key)
        for reason, code in self.wire.codes.items():
            fields = {"reason": reason, "retry": Retry.PERMANENT, "known": True}
            CarrierCode.objects.update_or_create(
                carrier=carrier.code_map, code=code, defaults=fields
            )

    @pytest.fixture(autouse=True)
    def number(self, organization: Organization) -> SenderNumber:
        return factories.sender(organization, carrier=self.wire.key, rate=100)

    def queue(self, by: User, lead: Lead, text: str = "Hi", to: str = "") -> SmsMessage:
        sender = SenderNumber.objects.get(organization=lead.organization)
        to = to or factories.MOBILE
        return outbox.queue(user=by, lead=lead, contact=None, sender=sender, to=to, text=text)

    def report(
        self, attempt: Attempt, receipt: Receipt, reason: Reason | None = None, word: str = ""
    ) -> int:
        """Post a status callback about an attempt, and process it. Return the HTTP status."""
        code = self.wire.codes[reason] if reason else ""
        word = word or self.wire.words[receipt][0]
        return self.post(self.wire.status(attempt.carrier_id, word, code=code, key=attempt.key))

    @staticmethod
    def post(webhook: Webhook) -> int:
        status: int = webhook.post().status_code
        work()
        return status

    @pytest.fixture
    def sent(self, rep: User, lead: Lead) -> Attempt:
        self.queue(rep, lead)
        work()
        attempt = Attempt.objects.get()
        assert (attempt.state, attempt.carrier_id) == ("accepted", "ID-Hi")
        return attempt

    def test_chatwoot_14149_a_late_callback_does_not_downgrade_a_status(
        self, sent: Attempt
    ) -> None:
        for receipt in (Receipt.DELIVERED, Receipt.ACCEPTED):
            assert 200 <= self.report(sent, receipt) < 300
        assert state(sent) == ("sent", "", "delivered")

    def test_postmangovsg_1150_a_success_does_not_hide_a_failure(self, sent: Attempt) -> None:
        self.report(sent, Receipt.FAILED, Reason.SPAM)
        self.report(sent, Receipt.FAILED)
        self.report(sent, Receipt.DELIVERED)
        assert state(sent) == ("error", "spam", "failed")

    def test_chatwoot_8097_an_unknown_status_is_not_an_error(self, sent: Attempt) -> None:
        assert 200 <= self.report(sent, Receipt.NONE, word="teleported") < 300
        event = CarrierEvent.objects.get()
        assert (event.outcome, state(sent)) == ("ignored", ("sent", "", "accepted"))
        assert "teleported" in event.note

    def test_a_callback_that_comes_twice_is_one_event(self, sent: Attempt) -> None:
        webhook = self.wire.status(sent.carrier_id, self.wire.words[Receipt.DELIVERED][0])
        assert len({self.post(webhook) for _ in range(3)}) == 1
        assert CarrierEvent.objects.count() == 1

    def test_a_forged_callback_changes_nothing(self, sent: Attempt) -> None:
        word = self.wire.words[Receipt.FAILED][0]
        assert self.post(self.wire.status(sent.carrier_id, word, secret="a guess")) == 403
        assert not CarrierEvent.objects.exists()
        assert state(sent) == ("sent", "", "accepted")

    def test_a_callback_before_our_own_row_is_kept_for_it(self, rep: User, lead: Lead) -> None:
        message = self.queue(rep, lead)
        word = self.wire.words[Receipt.DELIVERED][0]
        assert 200 <= self.wire.status("ID-Hi", word).post().status_code < 300
        work()
        message.refresh_from_db()
        assert (message.status, message.receipt) == ("sent", "delivered")

    def test_a_day_late_callback_counts(self, sent: Attempt) -> None:
        before = timezone.now() - timedelta(hours=24)
        Attempt.objects.update(started=before, finished=before)
        SmsMessage.objects.update(sent=before)
        self.report(sent, Receipt.FAILED, Reason.SPAM)
        assert state(sent) == ("error", "spam", "failed")

    def test_rock_1077_a_text_is_not_sent_twice_after_a_lost_answer(
        self, rep: User, lead: Lead, api: SmallServer
    ) -> None:
        taken: list[ApiRequest] = []

        def lose_the_first_answer(request: ApiRequest) -> Reply:
            if request.method == "GET":
                return self.wire.listed([ListedText("ID-Hi", timezone.now())])
            taken.append(request)
            return CLOSES if len(taken) == 1 else self.accept(request)

        api.respond = lose_the_first_answer
        self.queue(rep, lead)
        for _ in range(4):
            work()
            Attempt.objects.filter(state="sending").update(lease_until=timezone.now())
        # With idempotency keys, the same request is sent again, and is the same text.
        is_repeated = carriers.get(self.wire.key).takes_idempotency_key
        assert len(taken) == (2 if is_repeated else 1)
        assert len({request.headers.get("idempotency-key") for request in taken}) == 1
        attempt = Attempt.objects.get()
        is_certain = is_repeated or self.wire.can_find
        assert attempt.state == ("accepted" if is_certain else "uncertain")
        assert attempt.carrier_id == ("ID-Hi" if is_certain else "")

    def test_chatwoot_9000_one_bad_number_does_not_stop_the_others(
        self, rep: User, lead: Lead, api: SmallServer
    ) -> None:
        code = self.wire.codes[Reason.SPAM]

        def refuse_one(request: ApiRequest) -> Reply:
            if self.wire.read(request).text == "1":
                return self.wire.refused(400, code, "No")
            return self.accept(request)

        api.respond = refuse_one
        messages = [self.queue(rep, lead, str(number)) for number in range(4)]
        work()
        for message in messages:
            message.refresh_from_db()
        assert [message.status for message in messages] == ["sent", "error", "sent", "sent"]

    def test_chatwoot_14120_a_resent_text_really_leaves(
        self, rep: User, lead: Lead, api: SmallServer
    ) -> None:
        api.always(self.wire.refused(400, self.wire.codes[Reason.SPAM], "No"))
        message = self.queue(rep, lead)
        work()
        message.refresh_from_db()
        assert (message.status, message.reason) == ("error", "spam")
        api.respond = self.accept
        outbox.resend(message, rep)
        work()
        assert [self.wire.read(request).text for request in api.requests] == ["Hi", "Hi"]
        message.refresh_from_db()
        assert (message.status, message.attempts.count()) == ("sent", 2)

    @pytest.mark.parametrize("at", ["once", "later"])
    def test_connect_1545_an_opt_out_that_the_carrier_knows_is_learned(
        self, rep: User, lead: Lead, api: SmallServer, at: str
    ) -> None:
        if at == "once":
            code = self.wire.codes[Reason.OPTED_OUT]
            api.always(self.wire.refused(400, code, "They opted out"))
        self.queue(rep, lead)
        work()
        if at == "later":
            self.report(Attempt.objects.get(), Receipt.FAILED, Reason.OPTED_OUT)
        api.requests.clear()
        sender = SenderNumber.objects.get()
        with pytest.raises(outbox.Refused):
            outbox.check_and_queue(
                user=rep, lead=lead, contact=None, sender=sender, to=factories.MOBILE, text="Again"
            )
        # Not even what had been queued before.
        self.queue(rep, lead, "Earlier")
        work()
        assert api.requests == []

    def test_rock_5581_a_stop_is_only_for_the_number_that_was_texted(
        self, lead: Lead, stranger: User
    ) -> None:
        factories.contact(lead)
        stop = self.wire.incoming("IN1", SentText(factories.MOBILE, factories.OUR_NUMBER, "STOP"))
        assert 200 <= self.post(stop) < 300
        (opt_out,) = OptOut.objects.all()
        assert opt_out.organization == lead.organization
        elsewhere = factories.lead(stranger)
        factories.sender(
            elsewhere.organization, carrier=self.wire.key, phone="+12125550177", rate=100
        )
        message = self.queue(stranger, elsewhere)
        work()
        message.refresh_from_db()
        assert message.status == "sent"


def work() -> None:
    """Do everything that is due."""
    while worker.run_round():
        pass
    for event in CarrierEvent.objects.filter(outcome=CarrierEvent.Outcome.WAITING):
        events.process(event)


def state(attempt: Attempt) -> tuple[str, str, str]:
    """Return the status, reason, and receipt of the message."""
    message = SmsMessage.objects.get(pk=attempt.message_id)
    return message.status, message.reason, message.receipt
