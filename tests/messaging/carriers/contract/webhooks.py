"""Webhooks: forged, replayed, late, and with words that nobody documents."""

import uuid

import pytest
from django.http import HttpRequest
from pytest_django import Settings

from messaging.carriers import Callback, Carrier
from messaging.models import CarrierEvent, SmsMessage
from messaging.models.reason import Reason
from tests.factories import MOBILE, OUR_NUMBER
from tests.messaging.carriers.contract.setup import TEXT, WithCarrier
from tests.messaging.carriers.contract.small_server import SmallServer
from tests.messaging.carriers.contract.wire import SentText, Webhook

Receipt = SmsMessage.Receipt
STATUS, INBOUND = CarrierEvent.Kind.STATUS, CarrierEvent.Kind.INBOUND


class WebhookContract(WithCarrier):
    @pytest.fixture
    def genuine(self) -> Webhook:
        (word, *_) = self.wire.words[Receipt.DELIVERED]
        return self.wire.status("SM1", word, key=uuid.UUID(int=1))

    def test_a_signed_callback_is_genuine(self, carrier: Carrier, genuine: Webhook) -> None:
        assert carrier.is_genuine(genuine.request)
        assert carrier.is_genuine(
            self.wire.incoming("SM1", SentText(MOBILE, OUR_NUMBER, TEXT)).request
        )

    def test_a_forged_callback_is_refused(self, carrier: Carrier, genuine: Webhook) -> None:
        (word, *_) = self.wire.words[Receipt.DELIVERED]
        for forged in (
            self.wire.status("SM1", word, secret="a guess"),
            self.wire.status("SM1", word, secret=""),
            Webhook(genuine.path, genuine.body, genuine.content_type),
            Webhook(
                genuine.path,
                genuine.body,
                genuine.content_type,
                dict.fromkeys(genuine.headers, "0,ünsinn"),
            ),
        ):
            assert not carrier.is_genuine(forged.request), forged
        changed = genuine.replacing("SM1", "SM2")
        assert carrier.is_genuine(changed.request) != self.wire.signs_body

    def test_without_a_secret_nothing_is_genuine(
        self, carrier: Carrier, settings: Settings, api: SmallServer
    ) -> None:
        self.wire.configure(settings, api.url, secret="")
        (word, *_) = self.wire.words[Receipt.DELIVERED]
        assert not carrier.is_genuine(self.wire.status("SM1", word, secret="").request)

    def test_a_replayed_callback_is_the_same_event(
        self, carrier: Carrier, genuine: Webhook
    ) -> None:
        first, again = (self.read(carrier, genuine.request) for _ in range(2))
        assert first == again
        (word, *_) = self.wire.words[Receipt.FAILED]
        other = self.read(carrier, self.wire.status("SM1", word, key=uuid.UUID(int=1)).request)
        assert other.event_id != first.event_id

    def test_a_replayed_callback_cannot_be_about_another_attempt(
        self, carrier: Carrier, genuine: Webhook
    ) -> None:
        replayed = genuine.with_key(uuid.UUID(int=2)).request
        if carrier.is_genuine(replayed):
            assert self.read(carrier, replayed).attempt_key == uuid.UUID(int=1)

    def test_a_day_old_signature_is_refused_if_it_says_its_time(self, carrier: Carrier) -> None:
        """Otherwise, a late callback is as good as any."""
        (word, *_) = self.wire.words[Receipt.DELIVERED]
        late = self.wire.status("SM1", word, age=86_400)
        assert carrier.is_genuine(late.request) != self.wire.signs_time

    def test_a_callback_names_the_text_and_the_attempt(
        self, carrier: Carrier, genuine: Webhook
    ) -> None:
        callback = self.read(carrier, genuine.request)
        key = uuid.UUID(int=1) if self.wire.has_attempt_key else None
        assert (callback.carrier_id, callback.attempt_key) == ("SM1", key)

    def test_each_documented_word_has_its_receipt(self, carrier: Carrier) -> None:
        assert {Receipt.ACCEPTED, Receipt.DELIVERED, Receipt.FAILED} <= set(self.wire.words)
        for receipt, words in self.wire.words.items():
            for word in words:
                callback = self.read(carrier, self.wire.status("SM1", word).request)
                report = carrier.read_status(callback.payload)
                assert (report.receipt, report.known, report.state) == (receipt, True, word)

    def test_a_failure_has_its_code(self, carrier: Carrier) -> None:
        code = self.wire.codes[Reason.SPAM]
        (word, *_) = self.wire.words[Receipt.FAILED]
        callback = self.read(carrier, self.wire.status("SM1", word, code=code).request)
        assert carrier.read_status(callback.payload).code == code

    def test_a_stale_code_on_a_success_is_no_failure(self, carrier: Carrier) -> None:
        code = self.wire.codes[Reason.SPAM]
        for receipt in (Receipt.ACCEPTED, Receipt.DELIVERED):
            (word, *_) = self.wire.words[receipt]
            callback = self.read(carrier, self.wire.status("SM1", word, code=code).request)
            report = carrier.read_status(callback.payload)
            assert (report.receipt, report.code) == (receipt, "")

    @pytest.mark.parametrize("word", ["teleported", "", "DELIVERED!", "x" * 5000])
    def test_an_unknown_word_changes_nothing(self, carrier: Carrier, word: str) -> None:
        callback = self.read(carrier, self.wire.status("SM1", word).request)
        report = carrier.read_status(callback.payload)
        assert (report.receipt, report.known) == (Receipt.NONE, False)

    def test_an_incoming_text_is_read_word_for_word(self, carrier: Carrier) -> None:
        for text in (TEXT, ""):
            webhook = self.wire.incoming("SM9", SentText(MOBILE, OUR_NUMBER, text))
            (callback,) = carrier.callbacks(webhook.request, INBOUND)
            sms = carrier.read_incoming(callback.payload)
            assert (sms.carrier_id, sms.sender, sms.to) == ("SM9", MOBILE, OUR_NUMBER)
            assert sms.text == text

    @pytest.mark.parametrize("carrier_id", ["", "x" * 65])
    def test_a_callback_about_no_possible_text_is_a_value_error(
        self, carrier: Carrier, carrier_id: str
    ) -> None:
        (word, *_) = self.wire.words[Receipt.DELIVERED]
        with pytest.raises(ValueError, match=r"\w"):
            self.read(carrier, self.wire.status(carrier_id, word).request)

    @staticmethod
    def read(carrier: Carrier, request: HttpRequest) -> Callback:
        (callback,) = carrier.callbacks(request, STATUS)
        return callback
