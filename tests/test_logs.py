"""What the log says about refused and failed requests, and what it never contains."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from leads.models import Lead
from smscenter.accounts.models import User
from tests import factories, fork_server
from tests.logs import Lines

ROOT = Path(__file__).parent.parent
FAILING = """
import django
django.setup()
from unittest import mock
from django.test import Client
from django.urls import reverse
client = Client(raise_request_exception=False, headers={"host": "sms.example"})
with mock.patch("smscenter.health.HttpResponse", side_effect=ZeroDivisionError("by hand")):
    response = client.get("/healthz", secure=True)
print(response.headers["X-Request-ID"])
import logging, structlog
try:
    {}["key"]
except KeyError:
    logging.getLogger("anything").exception("plain")
    structlog.get_logger("anything").exception("structured")
"""


def production(script: str) -> "subprocess.CompletedProcess[str]":
    values = {
        "DEBUG": "off",
        "SECRET_KEY": "long enough for anything that signs sessions with it",
        "PUBLIC_URL": "https://sms.example",
        "DJANGO_SETTINGS_MODULE": "smscenter.settings",
        "PYTHONPATH": str(ROOT),
        "TWILIO_ACCOUNT_SID": "none",
        "TWILIO_AUTH_TOKEN": "none",
    }
    done = fork_server.run(["-c", script], os.environ | values)
    done.check_returncode()
    return done


def test_every_error_is_logged_with_its_traceback() -> None:
    run = production(FAILING)
    values = [json.loads(line) for line in run.stderr.splitlines() if line.startswith("{")]
    lines = {line["event"]: line for line in values}
    for event, error in {
        "request_failed": "ZeroDivisionError: by hand",
        "plain": "KeyError: 'key'",
        "structured": "KeyError: 'key'",
    }.items():
        assert lines[event]["exception"].startswith("Traceback (most recent call last)")
        assert error in lines[event]["exception"]
        assert "exc_info" not in lines[event]
    assert lines["request_failed"]["request_id"] == run.stdout.strip()
    assert run.stderr.count("by hand") == 1, "once is enough"


@pytest.fixture
def user_fields(rep: User) -> dict[str, Any]:
    return {"user_id": rep.pk, "organization_id": rep.organization_id, "ip": "127.0.0.1"}


def refusal(lines: Lines, response: Any) -> dict[str, Any]:
    line = lines.named("request_finished")
    assert line["level"] == "warning"
    assert line["code"] == response.status_code
    assert line["request_id"] == response.headers["X-Request-ID"]
    return line


def test_a_request_for_another_organizations_row_is_logged_with_the_user(
    lines: Lines, as_stranger: Client, stranger: User, lead: Lead
) -> None:
    line = refusal(lines, as_stranger.get(f"{lead.get_absolute_url()}?q=secret"))
    assert line["request"] == f"GET /leads/{lead.pk}/"
    assert (line["user_id"], line["organization_id"]) == (stranger.pk, stranger.organization_id)
    assert line["ip"] == "127.0.0.1"


def test_a_forbidden_request_is_logged_with_the_user(
    lines: Lines, as_rep: Client, user_fields: dict[str, Any]
) -> None:
    for url in ("/no-such-page/", reverse("review_queue")):
        assert refusal(lines, as_rep.get(url)).items() >= user_fields.items()
    assert refusal(lines, as_rep.get(reverse("sign_out"))).items() >= user_fields.items()
    as_rep.handler.enforce_csrf_checks = True
    assert refusal(lines, as_rep.post(reverse("lead_new"))).items() >= user_fields.items()
    csrf = lines.named("Forbidden (CSRF token missing.): /leads/new/")
    assert csrf["request_id"]


@pytest.mark.once
def test_a_lockout_is_logged_with_account_and_address(
    lines: Lines, rep: User, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = 1
    client = Client(headers={"X-Forwarded-For": "198.51.100.7, 203.0.113.5"})
    for _ in range(settings.AXES_FAILURE_LIMIT):
        response = client.post(reverse("sign_in"), {"username": "rita", "password": "hunter2"})
    assert refusal(lines, response)["ip"] == "203.0.113.5"
    locked = lines.named("sign_in_locked")
    assert (locked["account_id"], locked["ip"]) == (rep.pk, "203.0.113.5")
    assert locked["level"] == "warning"
    assert "hunter2" not in str(lines.values)


@pytest.mark.parametrize(
    ("data", "headers", "code"),
    [
        ("a=b", {"X-Twilio-Signature": "wrong"}, 403),
        ("a=b", {"Content-Length": "300000"}, 413),
        (b"x" * 27 * 1024 * 1024, {}, 413),
    ],
)
def test_a_refused_callback_is_logged_with_its_address(
    lines: Lines, db: None, data: Any, headers: dict[str, str], code: int
) -> None:
    url = reverse("webhook_status", args=["sandbox"])
    response = Client().post(
        f"{url}?attempt=key", data, content_type="application/x-www-form-urlencoded",
        headers=headers,
    )  # fmt: skip
    assert response.status_code == code
    line = refusal(lines, response)
    assert (line["request"], line["ip"]) == (f"POST {url}", "127.0.0.1")


def test_a_wrong_host_is_logged_with_its_address(lines: Lines, db: None) -> None:
    response = Client(headers={"host": "evil.example"}).get("/help/")
    assert response.status_code == 400
    assert refusal(lines, response)["ip"] == "127.0.0.1"


def test_a_sign_in_is_logged_with_the_user(lines: Lines, rep: User) -> None:
    data = {"username": "rita", "password": factories.PASSWORD}
    response = Client().post(reverse("sign_in"), data)
    line = lines.named("request_finished")
    assert (line["code"], line["user_id"]) == (302, rep.pk)
    assert line["request_id"] == response.headers["X-Request-ID"]


@pytest.mark.once
def test_phone_numbers_and_texts_are_never_logged(lines: Lines, as_rep: Client, lead: Lead) -> None:
    sender = factories.sender(lead.organization)
    contact = factories.contact(lead)
    as_rep.get(reverse("lead_list"), {"q": "4155550123"})
    as_rep.get("/no-such-page/", {"q": "4155550123"})
    form = {"to": contact.phones.get().pk, "sender": sender.pk, "text": "Are you well?"}
    as_rep.post(reverse("message_new", args=[lead.pk]), form | {"form_token": uuid4()})
    assert lines.named("text_queued")
    log = json.dumps(lines.values)
    assert "4155550123" not in log
    assert "Are you well" not in log


@pytest.mark.parametrize(
    ("proxies", "sent", "trusted"),
    [
        (1, "0f3c9a5e7d1b4c2a8e6f0a1b2c3d4e5f", True),
        (1, "b7ad6b7a-9f35-4a70-8f3c-1c9f3a1d2e4b", True),
        (0, "0f3c9a5e7d1b4c2a8e6f0a1b2c3d4e5f", False),
        (1, "short", False),
        (1, "x" * 65, False),
        (1, "0f3c9a5e7d1b4c2a 8e6f0a1b2c3d4e5f", False),
        (1, "<script>alert(1)</script>0000000", False),
    ],
)
def test_a_request_id_comes_from_a_trusted_proxy(
    lines: Lines, db: None, settings: Settings, proxies: int, sent: str, trusted: bool
) -> None:
    settings.TRUSTED_PROXIES = proxies
    response = Client(headers={"X-Request-ID": sent}).get("/no-such-page/")
    request_id = response.headers["X-Request-ID"]
    assert (request_id == sent) is trusted
    assert re.fullmatch(r"[\w-]{16,64}", request_id)
    assert lines.named("request_finished")["request_id"] == request_id


def test_the_error_page_shows_a_reference(lines: Lines, as_rep: Client) -> None:
    as_rep.raise_request_exception = False
    with mock.patch("leads.views.lists.render_list", side_effect=ZeroDivisionError):
        response = as_rep.get(reverse("lead_list"))
    assert response.status_code == 500
    assert f"Reference <code>{response.headers['X-Request-ID']}" in response.text
    assert lines.named("request_failed")["request_id"] == response.headers["X-Request-ID"]
    assert "no-store" in response.headers["Cache-Control"]
