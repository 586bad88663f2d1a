"""Webhooks respond to any request with a status that a carrier understands, never a 500."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from messaging import carriers
from messaging.models import CarrierEvent, SenderNumber, SmsMessage
from smscenter.accounts.models import Organization
from tests import factories
from tests.messaging import calls

STATUS, INBOUND = "/webhooks/sandbox/status/", "/webhooks/sandbox/inbound/"
FORM = "application/x-www-form-urlencoded"
GOOD = "MessageSid=SM1&MessageStatus=delivered"

pytestmark = pytest.mark.django_db


@pytest.fixture
def carrier() -> Client:
    """Return a client that gets a 500 for an exception, as in production."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


@pytest.mark.parametrize("path", [STATUS, INBOUND])
def test_the_trailing_slash_is_optional(carrier: Client, path: str) -> None:
    short = path.rstrip("/")
    assert calls.post(short, GOOD, client=carrier).status_code == 200
    assert CarrierEvent.objects.count() == 1
    assert calls.post(f"{short}?attempt=1", f"{GOOD}&a=1", client=carrier).status_code == 200


def test_a_text_arrives_without_the_trailing_slash(organization: Organization, lead: Any) -> None:
    factories.contact(lead)
    factories.sender(organization)
    values = {"MessageSid": "SM9", "From": factories.MOBILE, "To": factories.OUR_NUMBER}
    calls.post(INBOUND.rstrip("/"), calls.form(**values, Body="Yes"))
    assert SmsMessage.objects.get(direction="incoming").text == "Yes"


def test_a_signature_for_the_other_form_of_the_url_is_refused(carrier: Client) -> None:
    signed = calls.post(STATUS, GOOD, client=carrier).wsgi_request.headers["X-Twilio-Signature"]
    response = carrier.post(
        STATUS.rstrip("/"), GOOD, content_type=FORM, headers={"X-Twilio-Signature": signed}
    )
    assert response.status_code == 403


@pytest.mark.parametrize("path", [STATUS, STATUS.rstrip("/")])
@pytest.mark.parametrize("method", ["get", "head", "options", "put", "patch", "delete"])
def test_other_methods_are_not_redirected(carrier: Client, path: str, method: str) -> None:
    assert getattr(carrier, method)(path).status_code == 405


class TestWhereHttpsIsRequired:
    @pytest.fixture(autouse=True)
    def _https(self, settings: Settings) -> None:
        settings.PUBLIC_URL = "https://sms.example.com"
        settings.SECURE_SSL_REDIRECT = True

    def test_a_callback_over_http_is_refused_with_a_reason(self, carrier: Client) -> None:
        response = calls.post(STATUS, GOOD, host="http://sms.example.com", client=carrier)
        assert response.status_code == 403
        assert "HTTPS URL" in response.content.decode()

    def test_a_callback_signed_for_https_needs_no_proxy_header(self, carrier: Client) -> None:
        assert calls.post(STATUS, GOOD, client=carrier).status_code == 200

    def test_pages_are_redirected_to_https(self, carrier: Client) -> None:
        assert carrier.get("/leads/").status_code == 301


@pytest.mark.parametrize(
    "body",
    [
        f"MessageStatus=sent&MessageSid={'x' * 500}",
        f"MessageStatus=sent&MessageSid={'x' * 65}",
        "MessageStatus=sent&MessageSid=S%00M1",
        "MessageStatus=sent&MessageSid=",
        "MessageStatus=sent",
        GOOD + "".join(f"&a{number}=1" for number in range(1001)),
    ],
    ids=["500 characters", "65 characters", "NUL", "empty", "none", "1,003 parameters"],
)
@pytest.mark.parametrize("path", [STATUS, INBOUND])
def test_a_signed_body_that_is_not_a_callback_is_refused(
    carrier: Client, path: str, body: str
) -> None:
    assert post(carrier, path, body) == 400
    assert not CarrierEvent.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        f"{GOOD}&Body=a%00b&na%00me=1",
        f"{GOOD}&Body=%ED%A0%80",
        f"{GOOD}&Body=%FF%FE",
        f"{GOOD}&From={'9' * 5000}&To={'8' * 5000}",
        f"MessageSid=SM1&MessageStatus={'x' * 5000}",
        f"MessageSid=SM1&MessageStatus=failed&ErrorCode={'9' * 500}",
        "MessageSid=SM2&MessageSid=SM1&MessageStatus=sent&MessageStatus=failed",
    ],
    ids=["NUL", "surrogate", "no UTF-8", "long numbers", "long word", "long code", "repeated"],
)
@pytest.mark.parametrize("path", [STATUS, INBOUND, f"{STATUS}?attempt=%00", f"{STATUS}?attempt=x"])
def test_an_unusual_callback_is_stored(carrier: Client, path: str, body: str) -> None:
    assert post(carrier, path, body) == 200
    assert CarrierEvent.objects.get().carrier_id == "SM1"
    assert "Couldn't be processed" not in CarrierEvent.objects.get().note


def multipart(content: bytes, charset: str = "utf-8") -> tuple[bytes, str]:
    head = b'--xx\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
    return (
        head + content + b"\r\n--xx--\r\n",
        f"multipart/form-data; boundary=xx; charset={charset}",
    )


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", FORM),
        (GOOD.encode(), f"{FORM}; charset=latin-1"),
        (b"garbage", "multipart/form-data; boundary=xx"),
        (b"garbage", "multipart/form-data"),
        multipart(b"+2AA-", "utf-7"),
        multipart(b"a" * 300, "idna"),
        multipart(b"\xff", "utf-16"),
        multipart(b"a", "base64"),
        (b'{"MessageSid": "\\ud800"}', "application/json"),
        (b'{"MessageSid": "\\u0000"}', "application/json"),
        (GOOD.encode(), "text/plain"),
        (GOOD.encode(), ""),
        (GOOD.encode(), "\x00"),
    ],
    ids=[
        "nothing",
        "another charset",
        "no multipart",
        "no boundary",
        "UTF-7",
        "a codec that fails",
        "UTF-16",
        "a codec of bytes",
        "JSON with a surrogate",
        "JSON with NUL",
        "text",
        "no type",
        "a type of NUL",
    ],
)
def test_an_unsupported_body_is_refused(carrier: Client, body: bytes, content_type: str) -> None:
    # `post` would encode the body once more.
    response = carrier.generic(
        "POST", STATUS, body, content_type=content_type, headers={"X-Twilio-Signature": "x"}
    )
    assert response.status_code in {400, 403}
    assert not CarrierEvent.objects.exists()


@pytest.mark.parametrize("length", ["abc", "-5", "²", "1e3", " ", "9" * 30])
def test_an_invalid_content_length_is_refused(carrier: Client, length: str) -> None:
    response = carrier.post(STATUS, GOOD, content_type=FORM, CONTENT_LENGTH=length)
    assert response.status_code in {400, 403, 413}


text = st.text(st.characters(exclude_categories=[]), max_size=80)
names = st.sampled_from(
    ["MessageSid", "SmsSid", "MessageStatus", "ErrorCode", "ErrorMessage", "From", "To", "Body"]
)
values = st.sampled_from(
    [
        "SM1",
        "sent",
        "failed",
        "undelivered",
        "30007",
        factories.MOBILE,
        factories.OUR_NUMBER,
        "STOP",
    ]
)
pairs = st.lists(st.tuples(names | text, values | text), max_size=12)


@hypothesis_settings(
    max_examples=hypothesis_settings.default.max_examples * 2 // 3,  # type: ignore[union-attr]
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(path=st.sampled_from([STATUS, INBOUND]), values=pairs)
def test_any_signed_body_gets_a_valid_response(
    organization: Organization, carrier: Client, path: str, values: list[tuple[str, str]]
) -> None:
    if not SenderNumber.objects.exists():
        factories.sender(organization)
    body = "&".join(f"{quoted(name)}={quoted(value)}" for name, value in values)
    assert post(carrier, path, body) in {200, 400, 403}
    assert not CarrierEvent.objects.filter(note__startswith="Couldn't be processed").exists()


def post(carrier: Client, path: str, body: str) -> int:
    """Send a callback with a valid signature. Return the status."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(carriers.get("sandbox")), "is_genuine", lambda *_: True)
        status: int = carrier.post(path, body, content_type=FORM).status_code
    return status


def quoted(text: str) -> str:
    return quote(text, errors="surrogatepass")
