"""Texts leave from the account of their sender number, and each account signs its own webhooks."""

from base64 import b64decode
from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest
from django.http import HttpRequest, QueryDict
from django.test import RequestFactory
from pytest_django import Settings

from messaging.carriers import CarrierError
from messaging.carriers.twilio.adapter import Adapter as Twilio
from messaging.carriers.twilio_protocol import signatures
from messaging.carriers.twilio_protocol.accounts import Account
from tests.messaging.carriers.contract.setup import make_sms
from tests.messaging.carriers.contract.small_server import SmallServer, http

PUBLIC_URL = "https://sms.example.com"
SHARED = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"


@pytest.fixture
def api(settings: Settings) -> Iterator[SmallServer]:
    with SmallServer() as server:
        server.always(http(201, b'{"sid": "SM1"}'))
        settings.PUBLIC_URL = PUBLIC_URL
        settings.TWILIO_ACCOUNTS = {
            "": Account("AC1", "one", api_url=server.url),
            "canada": Account(
                "AC2",
                "two",
                old_auth_token="old",
                api_key="SK2",
                api_secret="secret",
                shared_keys=("shared", "next"),
                api_url=server.url,
            ),
            # Another name of the same account.
            "toll_free": Account("AC2", "two", api_url=server.url),
        }
        yield server


@pytest.mark.parametrize(
    ("account", "sid", "login"),
    [
        ("", "AC1", "AC1:one"),
        ("canada", "AC2", "SK2:secret"),
        ("toll_free", "AC2", "AC2:two"),
    ],
)
def test_each_account_has_its_own_credentials(
    api: SmallServer, account: str, sid: str, login: str
) -> None:
    sms = make_sms(account=account)
    Twilio().send(sms)
    (request,) = api.requests
    form = dict(parse_qsl(request.body.decode()))
    assert request.path == f"/2010-04-01/Accounts/{sid}/Messages.json"
    assert b64decode(request.headers["authorization"].removeprefix("Basic ")).decode() == login
    assert (form["From"], "MessagingServiceSid" in form) == (sms.sender, False)


def test_a_text_goes_through_its_numbers_messaging_service(api: SmallServer) -> None:
    sms = make_sms(service="MG1")
    Twilio().send(sms)
    (request,) = api.requests
    form = dict(parse_qsl(request.body.decode()))
    # It still leaves from this number, where it's looked up.
    assert (form["From"], form["MessagingServiceSid"]) == (sms.sender, "MG1")


def test_an_unknown_account_sends_nothing(api: SmallServer) -> None:
    with pytest.raises(CarrierError) as refused:
        Twilio().send(make_sms(account="mexico"))
    assert refused.value.words == "The Twilio account mexico isn't set up."
    assert (refused.value.permanent, api.requests) == (True, [])


def webhook(secret: str, account_sid: str, settings_header: str = "") -> HttpRequest:
    path, body = "/webhooks/twilio/status/", f"AccountSid={account_sid}&MessageSid=SM1"
    algorithm = signatures.algorithm_of(settings_header)
    params = dict(QueryDict(body).lists())
    headers = {signatures.HEADER: signatures.sign(secret, PUBLIC_URL + path, params, algorithm)}
    if settings_header:
        headers[signatures.SETTINGS_HEADER] = settings_header
    form = "application/x-www-form-urlencoded"
    return RequestFactory().post(path, body, content_type=form, headers=headers)


@pytest.mark.usefixtures("api")
class TestWebhooks:
    @pytest.mark.parametrize(
        ("account_sid", "secret", "genuine"),
        [
            ("AC1", "one", True),
            ("AC2", "two", True),
            ("AC2", "old", True),  # during a rotation
            ("AC1", "two", False),
            ("AC2", "one", False),
            ("AC3", "one", False),
            ("", "one", True),
            ("", "two", False),
            ("AC2", "secret", False),  # an API key's secret signs nothing
            ("AC2", "shared", False),
        ],
    )
    def test_an_accounts_token_signs_what_is_about_it(
        self, account_sid: str, secret: str, *, genuine: bool
    ) -> None:
        assert Twilio().is_genuine(webhook(secret, account_sid)) == genuine

    @pytest.mark.parametrize(
        ("account_sid", "secret", "genuine"),
        [
            ("AC2", "shared", True),
            ("AC2", "next", True),
            ("AC2", "two", False),  # the header says that a shared key signed it
            ("AC1", "shared", False),
            ("AC1", "one", False),
        ],
    )
    def test_a_shared_key_signs_with_sha256(
        self, account_sid: str, secret: str, *, genuine: bool
    ) -> None:
        assert Twilio().is_genuine(webhook(secret, account_sid, SHARED)) == genuine

    def test_a_shared_key_can_sign_with_sha1(self) -> None:
        header = "key=webhooks_sharedkey_1, algorithm=hmac_sha1"
        assert Twilio().is_genuine(webhook("shared", "AC2", header))
        assert not Twilio().is_genuine(webhook("two", "AC2", header))
