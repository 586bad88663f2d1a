"""Measure callbacks a second against a bare Django view that verifies and inserts once.

Both are called through their WSGI handler in the same process, in turns. The bare view has no
middleware and no second index. Then the worker's step applies what was stored.
"""

import uuid
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import count
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, QueryDict
from django.test import override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from twilio.request_validator import RequestValidator

from benchmarks.timing import analyze
from leads.models import Contact, Lead, LeadStatus
from messaging.incoming import events
from messaging.models import Attempt, CarrierEvent, SenderNumber, SmsMessage
from smscenter.accounts.models import Organization

TEXTS = 2_500
STATES = ("sent", "delivered")
BLOCK, BLOCKS = 50, 40
LEAST_RATIO = 0.6
APPLIED_A_SECOND = 600

Environ = dict[str, Any]
numbers = count()


@csrf_exempt
def bare(request: HttpRequest) -> HttpResponse:
    """Verify the signature and insert one row."""
    url = settings.PUBLIC_URL + request.get_full_path()
    signature = request.headers["X-Twilio-Signature"]
    if not RequestValidator(settings.SANDBOX_AUTH_TOKEN).validate(url, request.POST, signature):
        return HttpResponse(status=403)
    sid = request.POST["MessageSid"]
    CarrierEvent.objects.create(
        carrier="bare",
        kind="status",
        event_id=f"{sid}{request.POST['MessageStatus']}",
        carrier_id=sid,
        payload=list(request.POST.items()),
        outcome="applied",
    )
    return HttpResponse(status=204)


urlpatterns = [path("bare/", bare)]


def run() -> bool:
    """Print the ratio of each block, and how many events a second the worker applies."""
    keys = _texts()
    analyze()
    webhook = WSGIHandler()
    with override_settings(MIDDLEWARE=[], ROOT_URLCONF=__name__):
        plain = WSGIHandler()
    ratios, rates = [], []
    requests = _callbacks(keys)
    for number in range(BLOCKS + 1):
        with override_settings(MIDDLEWARE=[], ROOT_URLCONF=__name__):
            base = _rate(plain, [_request("/bare/", _form(f"B{n}")) for n in _block()])
        rate = _rate(webhook, [next(requests) for _ in _block()])
        if number:  # the first one is a warm-up
            ratios.append(rate / base)
            rates.append((rate, base))
    applied = _applied_a_second()
    print(f"  {'bare view':<40} {median(base for _, base in rates):9.0f} a second")
    print(f"  {'webhook':<40} {median(rate for rate, _ in rates):9.0f} a second")
    print(
        f"  {'webhook : bare view':<40} {median(ratios):9.2f}"
        f"   {min(ratios):.2f} to {max(ratios):.2f}, at least {LEAST_RATIO}"
    )
    print(f"  {'applied by one worker':<40} {applied:9.0f} a second, at least {APPLIED_A_SECOND}")
    return median(ratios) >= LEAST_RATIO and applied >= APPLIED_A_SECOND


def _block() -> list[int]:
    return [next(numbers) for _ in range(BLOCK)]


def _rate(handler: WSGIHandler, requests: list[Environ]) -> float:
    start = perf_counter()
    for environ in requests:
        _call(handler, environ)
    return len(requests) / (perf_counter() - start)


def _call(handler: Callable[..., Any], environ: Environ) -> None:
    statuses: list[str] = []
    response = handler(environ, lambda status, _headers: statuses.append(status))
    b"".join(response)
    response.close()
    if not statuses[0].startswith("2"):
        raise RuntimeError(f"{environ['PATH_INFO']} returned {statuses[0]}")


def _applied_a_second() -> float:
    """Apply everything that waits. Return events a second."""
    waiting = CarrierEvent.objects.filter(outcome="waiting")
    before = waiting.count()
    start = perf_counter()
    while events.process_new():
        pass
    return (before - waiting.count()) / (perf_counter() - start)


def _callbacks(keys: list[uuid.UUID]) -> Iterator[Environ]:
    for state in STATES:
        for number, key in enumerate(keys):
            yield _request(
                f"/webhooks/sandbox/status/?attempt={key}", _form(f"SM{number}", state=state)
            )


def _form(sid: str, state: str = "delivered") -> str:
    """Return a form with the parameters that Twilio sends."""
    return urlencode(
        {
            "ApiVersion": "2010-04-01",
            "AccountSid": settings.SANDBOX_ACCOUNT_SID,
            "From": "+12125550100",
            "To": "+14155550123",
            "MessageSid": sid,
            "SmsSid": sid,
            "MessageStatus": state,
            "SmsStatus": state,
            "RawDlrDoneDate": "2611272142",
        }
    )


def _request(address: str, form: str) -> Environ:
    signature = RequestValidator(settings.SANDBOX_AUTH_TOKEN).compute_signature(
        settings.PUBLIC_URL + address, QueryDict(form)
    )
    path_info, _, query = address.partition("?")
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path_info,
        "QUERY_STRING": query,
        "CONTENT_TYPE": "application/x-www-form-urlencoded; charset=UTF-8",
        "CONTENT_LENGTH": str(len(form)),
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_USER_AGENT": "TwilioProxy/1.1",
        "HTTP_X_TWILIO_SIGNATURE": signature,
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": BytesIO(form.encode()),
        "wsgi.url_scheme": "http",
    }


def _texts() -> list[uuid.UUID]:
    """Create texts that the carrier accepted. Return the keys of their attempts."""
    organization = Organization.objects.create(name="Bench", slug=f"bench-{uuid.uuid4().hex[:8]}")
    status = LeadStatus.objects.create(organization=organization, label="New")
    sender = SenderNumber.objects.create(
        organization=organization, phone="+12125550100", carrier="sandbox"
    )
    own = {"organization": organization}
    leads = Lead.objects.bulk_create(
        Lead(**own, status=status, name=f"Lead {number}") for number in range(TEXTS // 10)
    )
    Contact.objects.bulk_create(Contact(**own, lead=lead, name=lead.name) for lead in leads)
    messages = SmsMessage.objects.bulk_create(
        SmsMessage(
            **own,
            lead=leads[number % len(leads)],
            sender=sender,
            direction="outgoing",
            status="sent",
            receipt="accepted",
            text="Hello",
            remote_phone="+14155550123",
            local_phone=sender.phone,
        )
        for number in range(TEXTS)
    )
    attempts = Attempt.objects.bulk_create(
        Attempt(
            **own,
            message=message,
            carrier="sandbox",
            state="accepted",
            receipt="accepted",
            carrier_id=f"SM{number}",
        )
        for number, message in enumerate(messages)
    )
    return [attempt.key for attempt in attempts]
