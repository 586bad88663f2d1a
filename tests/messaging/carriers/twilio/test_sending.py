import requests
from pytest_django import Settings
from requests.adapters import HTTPAdapter

from messaging.carriers.twilio.adapter import Adapter as Twilio
from tests.messaging.carriers.conftest import MakeSms


class RecordingAdapter(HTTPAdapter):
    """Keeps the requests that would leave this machine."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[requests.PreparedRequest] = []

    def send(
        self, request: requests.PreparedRequest, *_: object, **__: object
    ) -> requests.Response:
        self.requests.append(request)
        answer = requests.Response()
        answer.status_code = 201
        answer._content = b'{"sid": "SM1"}'
        return answer


def test_texts_are_sent_to_twilios_api(settings: Settings, make_sms: MakeSms) -> None:
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", "secret"
    settings.PUBLIC_URL = "https://sms.example.com"
    twilio, seen, sms = Twilio(), RecordingAdapter(), make_sms("Hello")
    twilio.session.mount("https://", seen)
    assert twilio.send(sms).carrier_id == "SM1"
    (request,) = seen.requests
    assert request.url == "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json"
    assert "Idempotency-Key" not in request.headers
    assert f"webhooks%2Ftwilio%2Fstatus%2F%3Fattempt%3D{sms.key}" in str(request.body)
