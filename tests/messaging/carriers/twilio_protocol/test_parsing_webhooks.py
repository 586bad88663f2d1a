import uuid

import pytest
from django.test import RequestFactory

from messaging.carriers import Callback
from messaging.carriers.twilio_protocol.carrier import STATES, TwilioProtocol
from messaging.models import CarrierEvent, SmsMessage

KEY = uuid.UUID("6f1f6c1e-1f62-4a52-9d9f-5f6f6a5d9a10")


def read(
    body: str, kind: CarrierEvent.Kind = CarrierEvent.Kind.STATUS, attempt: str = str(KEY)
) -> Callback:
    request = RequestFactory().post(
        f"/?attempt={attempt}", body, content_type="application/x-www-form-urlencoded"
    )
    (callback,) = TwilioProtocol().callbacks(request, kind)
    return callback


def test_a_callback_names_the_text_and_the_attempt() -> None:
    callback = read("MessageSid=SM1&MessageStatus=sent")
    assert callback.carrier_id == "SM1"
    assert callback.attempt_key == KEY
    assert callback.payload == [("MessageSid", "SM1"), ("MessageStatus", "sent")]


def test_the_old_name_of_the_id_is_read() -> None:
    assert read("SmsSid=SM2&SmsStatus=sent").carrier_id == "SM2"


@pytest.mark.parametrize("attempt", ["", "7", "not-a-uuid", "6f1f6c1e"])
def test_an_invalid_attempt_key_is_ignored(attempt: str) -> None:
    assert read("MessageSid=SM1", attempt=attempt).attempt_key is None


@pytest.mark.parametrize("body", ["", "MessageSid=", "Nonsense", "MessageStatus=sent"])
def test_a_body_without_a_text_id_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match="names no message"):
        read(body)


def test_the_same_values_are_one_event() -> None:
    one = read("MessageSid=SM1&MessageStatus=sent")
    assert one.event_id == read("MessageStatus=sent&MessageSid=SM1").event_id
    assert len(one.event_id) == 64


def test_different_values_are_different_events() -> None:
    bodies = [
        "MessageSid=SM1&MessageStatus=sent",
        "MessageSid=SM1&MessageStatus=delivered",
        "MessageSid=SM1&MessageStatus=sent&MessageStatus=sent",
        "MessageSid=SM1MessageStatus&=sent",
    ]
    events = {read(body).event_id for body in bodies} | {
        read(bodies[0], CarrierEvent.Kind.INBOUND).event_id
    }
    assert len(events) == 5


def test_a_repeated_parameter_is_kept_twice() -> None:
    assert read("MessageSid=SM1&Tag=b&Tag=a").payload[1:] == [("Tag", "b"), ("Tag", "a")]


def test_nul_characters_are_removed() -> None:
    assert ("Body", "ab") in read("MessageSid=SM1&Body=a%00b").payload


@pytest.mark.parametrize(
    ("state", "receipt"),
    [
        ("queued", SmsMessage.Receipt.NONE),
        ("accepted", SmsMessage.Receipt.NONE),
        ("scheduled", SmsMessage.Receipt.NONE),
        ("sending", SmsMessage.Receipt.NONE),
        ("sent", SmsMessage.Receipt.ACCEPTED),
        ("delivered", SmsMessage.Receipt.DELIVERED),
        ("read", SmsMessage.Receipt.DELIVERED),
        ("undelivered", SmsMessage.Receipt.FAILED),
        ("failed", SmsMessage.Receipt.FAILED),
        ("canceled", SmsMessage.Receipt.FAILED),
    ],
)
def test_every_documented_state_is_known(state: str, receipt: SmsMessage.Receipt) -> None:
    report = TwilioProtocol().read_status([("MessageStatus", state)])
    assert (report.receipt, report.state, report.known) == (receipt, state, True)


def test_every_state_is_tested() -> None:
    assert len(STATES) == 10


@pytest.mark.parametrize("state", ["undelivered", "failed"])
def test_a_failure_has_a_code_and_a_message(state: str) -> None:
    report = TwilioProtocol().read_status(
        [("MessageStatus", state), ("ErrorCode", "30006"), ("ErrorMessage", "Landline")]
    )
    assert (report.code, report.words) == ("30006", "Landline")


@pytest.mark.parametrize("state", ["sending", "sent", "delivered", "teleported"])
def test_a_stale_code_is_ignored(state: str) -> None:
    report = TwilioProtocol().read_status(
        [("MessageStatus", state), ("ErrorCode", "30006"), ("ErrorMessage", "Landline")]
    )
    assert (report.code, report.words) == ("", "")


def test_a_failure_can_have_no_code() -> None:
    report = TwilioProtocol().read_status([("MessageStatus", "failed")])
    assert (report.receipt, report.code) == (SmsMessage.Receipt.FAILED, "")


def test_an_unknown_state_is_ignored() -> None:
    report = TwilioProtocol().read_status([("MessageStatus", "teleported")])
    assert (report.receipt, report.state, report.known) == (
        SmsMessage.Receipt.NONE,
        "teleported",
        False,
    )


def test_a_missing_state_is_unknown() -> None:
    assert not TwilioProtocol().read_status([("MessageSid", "SM1")]).known


def test_an_incoming_text_is_read() -> None:
    sms = TwilioProtocol().read_incoming(
        [
            ("MessageSid", "SM9"),
            ("From", "+14155550123"),
            ("To", "+12125550100"),
            ("Body", "Grüße 😀\r\nbis\rmorgen\n"),
        ]
    )
    assert (sms.carrier_id, sms.sender, sms.to) == ("SM9", "+14155550123", "+12125550100")
    assert sms.text == "Grüße 😀\nbis\nmorgen\n"


def test_a_picture_may_have_no_text() -> None:
    sms = TwilioProtocol().read_incoming(
        [
            ("SmsSid", "SM9"),
            ("From", "+14155550123"),
            ("NumMedia", "2"),
            ("MediaUrl0", "https://api.twilio.com/ME1"),
            ("MediaContentType0", "image/jpeg"),
            ("MediaUrl1", "https://api.twilio.com/ME2"),
        ]
    )
    assert sms.text == ""
    assert sms.media == [
        {"url": "https://api.twilio.com/ME1", "content_type": "image/jpeg", "size": None},
        {"url": "https://api.twilio.com/ME2", "content_type": "", "size": None},
    ]


def test_the_response_sends_no_reply() -> None:
    response = TwilioProtocol().answer()
    assert response.status_code == 200
    assert response["Content-Type"] == "text/xml"
    assert response.content.endswith(b"<Response/>")
