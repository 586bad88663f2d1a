"""Post callbacks like the sandbox and Twilio do."""

from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from messaging.carriers.twilio_protocol import signatures
from messaging.incoming import events
from messaging.models import Attempt, CarrierEvent, SenderNumber, SmsMessage
from tests import factories


def post(path: str, body: str, *, host: str = "", token: str = "", client: Any = None) -> Any:
    """Post a form, signed for the installation's public URL unless another host is given."""
    signature = signatures.sign(
        token or settings.SANDBOX_AUTH_TOKEN,
        (host or settings.PUBLIC_URL) + path,
        dict(QueryDict(body).lists()),
    )
    return (client or Client(enforce_csrf_checks=True)).post(
        path,
        body,
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signature},
    )


def form(**values: str) -> str:
    query = QueryDict(mutable=True)
    query.update(values)
    return query.urlencode()


def report(
    state: str, code: str = "", *, words: str = "", sid: str = "SM1", key: object = ""
) -> Any:
    """Report a status as the sandbox does, and let the worker process it."""
    path = reverse("webhook_status", args=["sandbox"]) + (f"?attempt={key}" if key else "")
    values = {"MessageSid": sid, "MessageStatus": state} | ({"ErrorCode": code} if code else {})
    response = post(path, form(**values | ({"ErrorMessage": words} if words else {})))
    process()
    return response


def text(
    body: str = "Yes, please",
    *,
    sid: str = "SMin1",
    sender: str = factories.MOBILE,
    to: str = factories.OUR_NUMBER,
    **extra: str,
) -> Any:
    """Send an incoming text through the sandbox, and let the worker process it."""
    path = reverse("webhook_inbound", args=["sandbox"])
    response = post(path, form(MessageSid=sid, From=sender, To=to, Body=body, **extra))
    process()
    return response


def process() -> None:
    """Process new callbacks, like the worker."""
    while events.process_new():
        pass


def accepted(message: SmsMessage, number: int = 1, sid: str = "SM1") -> Attempt:
    """Return an attempt that the sandbox accepted with this id."""
    return Attempt.objects.create(
        organization=message.organization,
        message=message,
        number=number,
        carrier="sandbox",
        state=Attempt.State.ACCEPTED,
        carrier_id=sid,
        receipt=SmsMessage.Receipt.ACCEPTED,
    )


def sent(lead: Any, sender: SenderNumber) -> Attempt:
    """Return the attempt of a message that the sandbox accepted as SM1."""
    message = factories.message(lead, sender=sender, receipt=SmsMessage.Receipt.ACCEPTED)
    return accepted(message)


def last_event() -> CarrierEvent:
    event = CarrierEvent.objects.order_by("id").last()
    assert event is not None
    return event
