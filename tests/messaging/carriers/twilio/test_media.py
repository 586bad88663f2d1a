"""Twilio's API redirects to a signed address at another host, without our credentials."""

from io import BytesIO

import pytest
from pytest_django import Settings

from messaging.carriers.media import MediaError, Problem
from messaging.carriers.twilio.adapter import Adapter
from messaging.carriers.twilio_protocol.accounts import Account
from tests.messaging.carriers.contract.small_server import SmallServer, http

pytestmark = pytest.mark.once
SID, SUBACCOUNT = "AC" + "1" * 32, "AC" + "2" * 32
URL = f"https://api.twilio.com/2010-04-01/Accounts/{SID}/Messages/MM1/Media/ME1"


def test_a_redirect_is_followed_without_our_credentials(
    settings: Settings, certificate: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
    with SmallServer() as api, SmallServer(certificate) as cdn:
        settings.TWILIO_ACCOUNTS = {"": Account(SID, "token", api_url=api.url)}
        address = cdn.url.replace("127.0.0.1", "localhost")
        monkeypatch.setattr(Adapter, "media_addresses", [f"{address}/"])
        api.always(http(307, Location=f"{address}/AC1/file?Signature=x"))
        cdn.always(http(200, b"picture"))
        file = BytesIO()
        Adapter().download(URL, file)
        assert file.getvalue() == b"picture"
        assert "authorization" in api.requests[0].headers
        (request,) = cdn.requests
        assert request.target == "/AC1/file?Signature=x"
        assert "authorization" not in request.headers
        # Not a second one.
        cdn.always(http(302, Location=f"{address}/again"))
        with pytest.raises(MediaError):
            Adapter().download(URL, BytesIO())
        assert len(cdn.requests) == 2


@pytest.mark.parametrize(
    "target",
    [
        "http://mms.twiliocdn.com/file",
        "https://mms.twiliocdn.com.evil.example/file",
        "https://mms.twiliocdn.com@evil.example/file",
        "//evil.example/file",
        "/control/",
        "",
    ],
)
def test_a_redirect_to_an_unknown_address_is_refused(settings: Settings, target: str) -> None:
    with SmallServer() as api:
        settings.TWILIO_ACCOUNTS = {"": Account(SID, "token", api_url=api.url)}
        api.always(http(307, Location=target))
        with pytest.raises(MediaError) as refused:
            Adapter().download(URL, BytesIO())
        assert refused.value.problem is Problem.FOREIGN
        assert len(api.requests) == 1


def test_a_file_is_requested_from_its_own_account(settings: Settings) -> None:
    with SmallServer() as api:
        api.always(http(200, b"picture"))
        settings.TWILIO_ACCOUNTS = {
            "": Account(SID, "token", api_url="http://127.0.0.1:9"),
            "canada": Account(SUBACCOUNT, "other", api_url=api.url),
        }
        Adapter().download(URL.replace(SID, SUBACCOUNT), BytesIO())
        assert SUBACCOUNT in api.requests[0].path
        with pytest.raises(MediaError) as refused:
            Adapter().download(URL.replace(SID, "AC" + "3" * 32), BytesIO())
        assert refused.value.problem is Problem.FOREIGN
