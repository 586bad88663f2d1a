"""Measure callbacks a second against a bare Django view that verifies and inserts once.

Both are called through their WSGI handler in the same process, in turns. The bare view has no
middleware. Then the worker's step processes what was stored. At last a worker runs in its own
process, and texts are reported as delivered at a steady rate, until their labels change.
"""

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import count
from statistics import median, quantiles
from time import perf_counter, sleep
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse, QueryDict
from django.test import override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from benchmarks.timing import analyze
from leads.models import Contact, Lead, LeadStatus
from messaging.carriers.twilio_protocol import signatures
from messaging.incoming import events
from messaging.models import Attempt, CarrierEvent, SenderNumber, SmsMessage
from smscenter.accounts.models import Organization

TEXTS = 2_500
STATES = ("sent", "delivered")
BLOCK, BLOCKS = 50, 40
LEAST_RATIO = 0.6
LEAST_PROCESSED = 600  # a second: two callbacks for each of 300 texts
REPORTS, REPORTS_A_SECOND = 500, 100
LONGEST_LAG = 2.0  # seconds, for 95 of 100

Environ = dict[str, Any]
numbers = count()


@csrf_exempt
def bare(request: HttpRequest) -> HttpResponse:
    """Verify the signature and insert one row."""
    url = settings.PUBLIC_URL + request.get_full_path()
    signature = request.headers["X-Twilio-Signature"]
    expected = signatures.sign(settings.SANDBOX_AUTH_TOKEN, url, dict(request.POST.lists()))
    if not signatures.equal(expected, signature):
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
    """Return whether callbacks are stored, processed, and shown fast enough."""
    keys = _texts()
    analyze()
    webhook = WSGIHandler()
    with override_settings(MIDDLEWARE=[], ROOT_URLCONF=__name__):
        plain = WSGIHandler()
    requests = _callbacks(keys)
    rates = []
    for _ in range(BLOCKS + 1):
        with override_settings(MIDDLEWARE=[], ROOT_URLCONF=__name__):
            base = _rate(plain, [_request("/bare/", _form(f"B{n}")) for n in _block()])
        rates.append((_rate(webhook, [next(requests) for _ in _block()]), base))
    ratio = _show_rates(rates[1:])  # the first one is a warm-up
    processed = _processed_a_second()
    print(f"  {'processed':<26} {processed:9.0f} a second, at least {LEAST_PROCESSED}")
    lag = _show_lags(_lags(webhook, keys))
    return ratio >= LEAST_RATIO and processed >= LEAST_PROCESSED and lag <= LONGEST_LAG


def _show_rates(rates: list[tuple[float, float]]) -> float:
    """Print the medians of both, and of their ratio with its spread. Return the ratio."""
    for name, values in zip(("webhook", "bare view"), zip(*rates, strict=True), strict=True):
        print(f"  {name:<26} {median(values):9.0f} a second")
    ratios = [rate / base for rate, base in rates]
    low, *_, high = quantiles(ratios, n=10)
    spread = f"{low:.2f} to {high:.2f} in 8 of 10 blocks"
    ratio = median(ratios)
    print(f"  {'webhook : bare view':<26} {ratio:9.2f}, at least {LEAST_RATIO}; {spread}")
    return ratio


def _show_lags(lags: list[float]) -> float:
    slow = quantiles(lags, n=20)[-1]
    print(f"  {'from callback to label':<26} {median(lags):9.2f} s, 95 %: {slow:.2f} s, ", end="")
    print(f"worst: {max(lags):.2f} s of {len(lags)}, at most {LONGEST_LAG} s")
    return slow


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


def _processed_a_second() -> float:
    """Process everything that waits. Return events a second."""
    waiting = CarrierEvent.objects.new()
    before = waiting.count()
    start = perf_counter()
    while events.process_new():
        pass
    return (before - waiting.count()) / (perf_counter() - start)


def _lags(handler: WSGIHandler, keys: list[uuid.UUID]) -> list[float]:
    """Report texts as delivered while a worker runs. Return the seconds until each was shown."""
    numbers = range(TEXTS - REPORTS, TEXTS)
    with _worker():
        for number in numbers:
            _call(handler, _callback(number, keys[number], "delivered"))
            sleep(1 / REPORTS_A_SECOND)
        give_up = perf_counter() + 60
        while CarrierEvent.objects.new().exists() and perf_counter() < give_up:
            sleep(0.1)
    reported = CarrierEvent.objects.filter(carrier_id__in=[f"SM{number}" for number in numbers])
    shown = reported.filter(message__receipt="delivered").values_list(
        "received", "message__updated"
    )
    lags = [(updated - received).total_seconds() for received, updated in shown]
    if len(lags) != REPORTS:
        raise RuntimeError(f"The worker processed {len(lags)} of {REPORTS} callbacks.")
    return lags


@contextmanager
def _worker() -> Iterator[None]:
    name = str(connection.settings_dict["NAME"])
    url = os.environ.get("DATABASE_URL", "")
    url = re.sub(r"[^/]+$", name, url) if connection.vendor == "postgresql" else f"sqlite:///{name}"
    environment = {**os.environ, "DEBUG": "on", "DATABASE_URL": url, "LOG_LEVEL": "ERROR"}
    environment |= {"DJANGO_SETTINGS_MODULE": "smscenter.settings", "CARRIERS": "sandbox"}
    command = [sys.executable, "manage.py", "worker"]
    process = subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL
    )
    sleep(5)  # for the worker to start
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _callbacks(keys: list[uuid.UUID]) -> Iterator[Environ]:
    for number, key in enumerate(keys):
        for state in STATES:
            yield _callback(number, key, state)


def _callback(number: int, key: uuid.UUID, state: str) -> Environ:
    address = f"/webhooks/sandbox/status/?attempt={key}"
    return _request(address, _form(f"SM{number}", state))


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
    url = settings.PUBLIC_URL + address
    params = dict(QueryDict(form).lists())
    signature = signatures.sign(settings.SANDBOX_AUTH_TOKEN, url, params)
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
