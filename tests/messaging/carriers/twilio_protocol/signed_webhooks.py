"""Signature tests for each carrier that signs like Twilio, which inherits them."""

import pytest
from django.http import HttpRequest, QueryDict
from django.test import RequestFactory
from pytest_django import Settings

from messaging.carriers.twilio_protocol import signatures
from messaging.carriers.twilio_protocol.carrier import TwilioProtocol

PUBLIC_URL = "https://sms.example.com"
TOKEN = "12345"
FORM = "MessageSid=SM1&MessageStatus=sent&To=%2B14155550123"


class SignedWebhooks:
    carrier: TwilioProtocol

    @staticmethod
    def set_token(settings: Settings, token: str) -> None:
        """Set the auth token of the carrier's only account."""
        raise NotImplementedError

    @pytest.fixture(autouse=True)
    def _installation(self, settings: Settings) -> None:
        settings.PUBLIC_URL = PUBLIC_URL
        self.set_token(settings, TOKEN)

    @property
    def path(self) -> str:
        return f"/webhooks/{self.carrier.key}/status/?attempt=1"

    def sign(self, body: str = FORM, url: str = "", token: str = TOKEN) -> str:
        params = dict(QueryDict(body).lists())
        return signatures.sign(token, url or PUBLIC_URL + self.path, params)

    def request(self, signature: str, body: str = FORM, **headers: str) -> HttpRequest:
        return RequestFactory().post(
            self.path,
            body,
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature, **headers},
        )

    def test_a_valid_signature_is_genuine(self) -> None:
        assert self.carrier.is_genuine(self.request(self.sign()))

    def test_a_proxys_host_header_is_ignored(self) -> None:
        assert self.carrier.is_genuine(self.request(self.sign(), Host="10.0.0.3:8000"))

    def test_a_signature_for_another_host_is_refused(self) -> None:
        signature = self.sign(url=f"https://evil.example.com{self.path}")
        request = self.request(signature, Host="evil.example.com")
        assert not self.carrier.is_genuine(request)

    def test_a_signature_with_another_token_is_refused(self) -> None:
        assert not self.carrier.is_genuine(self.request(self.sign(token="54321")))

    def test_a_changed_body_is_refused(self) -> None:
        body = FORM.replace("sent", "delivered")
        assert not self.carrier.is_genuine(self.request(self.sign(), body))

    def test_a_changed_query_string_is_refused(self) -> None:
        request = self.request(self.sign())
        request.META["QUERY_STRING"] = "attempt=2"
        assert not self.carrier.is_genuine(request)

    @pytest.mark.parametrize("signature", ["", "x", "ünsinn", "A" * 28])
    def test_an_invalid_signature_is_refused(self, signature: str) -> None:
        request = self.request("")
        request.META["HTTP_X_TWILIO_SIGNATURE"] = signature
        assert not self.carrier.is_genuine(request)

    def test_a_missing_signature_is_refused(self) -> None:
        request = self.request("")
        del request.META["HTTP_X_TWILIO_SIGNATURE"]
        assert not self.carrier.is_genuine(request)

    def test_without_a_token_nothing_is_genuine(self, settings: Settings) -> None:
        self.set_token(settings, "")
        assert not self.carrier.is_genuine(self.request(self.sign(token="")))

    @pytest.mark.parametrize(
        "body",
        [
            "MessageSid=SM1&Tag=b&Tag=a&Tag=b",
            "MessageSid=SM1&Body=Gr%C3%BC%C3%9Fe+%F0%9F%98%80",
            "MessageSid=SM1&Body=",
        ],
    )
    def test_repeated_unicode_and_empty_parameters_are_genuine(self, body: str) -> None:
        assert self.carrier.is_genuine(self.request(self.sign(body), body))

    def test_an_unknown_signature_algorithm_is_refused(self) -> None:
        unknown = {"X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=NONE"}
        assert not self.carrier.is_genuine(self.request(self.sign(), **unknown))
