import requests
from pytest_django import Settings
from requests.adapters import HTTPAdapter

from messaging.carriers.twilio.adapter import Adapter as Twilio
from tests.messaging.carriers.conftest import MakeSms


class RecordingAdapter(HTTPAdapter):
    """Record requests instead of sending them."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[requests.PreparedRequest] = []

    def send(
        self, request: requests.PreparedRequest, *_: object, **__: object
    ) -> requests.Response:
        self.requests.append(request)
        response = requests.Response()
        response.status_code = 201
        response._content = b'{"sid": "SM1"}'
        return response


def test_texts_are_sent_to_twilios_api(settings: Settings, make_sms: MakeSms) -> None:
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", "secret"
    settings.PUBLIC_URL = "https://sms.example.com"
    twilio, adapter, sms = Twilio(), RecordingAdapter(), make_sms("Hello")
    twilio.session.mount("https://", adapter)
    assert twilio.send(sms).carrier_id == "SM1"
    (request,) = adapter.requests
    assert request.url == "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json"
    assert "Idempotency-Key" not in request.headers
    assert f"webhooks%2Ftwilio%2Fstatus%2F%3Fattempt%3D{sms.key}" in str(request.body)
