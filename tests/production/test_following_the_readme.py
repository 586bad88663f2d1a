"""The production steps in README.md, followed literally, lead to a safe installation.

Two web processes behind nginx and two workers, on PostgreSQL.
"""

import re
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
import requests
from requests.adapters import HTTPAdapter

from messaging.carriers.twilio_protocol import signatures
from tests.faults.workers import wait_until
from tests.production.conftest import new_lead
from tests.production.installation import (
    SANDBOX_TOKEN,
    STATEMENT_TIMEOUT,
    TWILIO_TOKEN,
    WEB,
    WORKER,
    Installation,
    commands,
)
from tests.production.visitor import Visitor
from tests.test_unmigrated import RUN_ALL

pytestmark = [
    pytest.mark.faults,
    pytest.mark.own_database,
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="production is PostgreSQL, says README.md"
    ),
]

HEADERS = {
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}
# What Django's pages for developers, tracebacks and settings look like.
DEBUG_ONLY = re.compile(
    r"Traceback|DEBUG ?= ?True|Django Version|URLconf|technical_|DJANGO_SETTINGS|SECRET_KEY|"
    r"DEBUG=on|psycopg|site-packages"
)
TOO_LONG = 26 * 1024 * 1024 + 1


class FromAnotherAddress(HTTPAdapter):
    """Connect from another address than 127.0.0.1."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options, source_address=("127.0.0.2", 0))


Send = Callable[[Visitor], requests.Response]


def assert_safe(response: requests.Response, status: int) -> None:
    """Check what holds for each response, including those from nginx."""
    assert response.status_code == status, response.text[:500]
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert response.headers["Content-Security-Policy"].count("default-src 'none'") == 1
    assert not DEBUG_ONLY.search(response.text)
    assert not re.search(r"nginx/\d", response.headers.get("Server", "") + response.text)


def children(pid: int) -> list[str]:
    done = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout.split()


def report(site: Installation, carrier: str, token: str) -> requests.Response:
    """Return a status callback that claims a failure, signed with this token."""
    path = f"/webhooks/{carrier}/status/"
    values = {"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "30007"}
    params = {name: [value] for name, value in values.items()}
    signature = signatures.sign(token, site.url + path, params)
    headers = {"X-Twilio-Signature": signature}
    return site.visitor().request("POST", path, data=values, headers=headers)


def wrong_password(visitor: Visitor, name: str) -> requests.Response:
    """Try to sign in as a demo user, whose password is the username."""
    page = visitor.get("/sign-in/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token is not None
    form = {"username": name, "password": name, "csrfmiddlewaretoken": token[1]}
    headers = {"Referer": f"{visitor.base}/sign-in/"}
    return visitor.request("POST", "/sign-in/", data=form, headers=headers)


def test_every_command_of_the_readme_was_run(site: Installation) -> None:
    run = {command.removesuffix(" --no-input") for command in site.outputs}
    assert {*run, WEB, WORKER} == {command.removesuffix(" --no-input") for command in commands()}
    assert {"SECRET_KEY", "PUBLIC_URL", "DATABASE_URL", "TWILIO_AUTH_TOKEN"} <= set(site.names)
    check = next(output for command, output in site.outputs.items() if "--deploy" in command)
    assert "no issues" in check


def test_only_its_own_account_can_read_settings_and_files(site: Installation) -> None:
    assert (site.project / ".env").stat().st_mode & 0o777 == 0o600
    assert (site.project / "var").stat().st_mode & 0o777 == 0o700


def test_two_web_processes_and_two_workers_run(site: Installation) -> None:
    web, *workers, _sandbox = site.running[:4]
    assert len(children(web.pid)) == 2
    assert [process.poll() for process in workers] == [None, None]


def test_a_failed_text_shows_its_reason(
    rep: Visitor, lead: str, database: psycopg.Connection
) -> None:
    rep.submit(lead, action="/sms/new/", text="Your table is ready.")
    failed = "SELECT reason FROM messaging_smsmessage WHERE status = 'error'"
    wait_until(lambda: database.execute(failed).fetchone() is not None, every=0.1)
    assert database.execute(failed).fetchone() == ("not_sms_capable",)
    assert "landline" in rep.get(lead).text


def test_a_reply_arrives(rep: Visitor, database: psycopg.Connection) -> None:
    lead = new_lead(rep, "Harbor Gym", "+14155550142")
    rep.submit(lead, action="/sms/new/", text="Are you open?")
    received = "SELECT 1 FROM messaging_smsmessage WHERE direction = 'incoming'"
    wait_until(lambda: database.execute(received).fetchone() is not None, every=0.1)
    delivered = "SELECT 1 FROM messaging_smsmessage WHERE receipt = 'delivered'"
    assert database.execute(delivered).fetchone()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 302),
        ("/sign-in/", 200),
        ("/leads/", 302),
        ("/leads/1/", 302),
        ("/help/", 200),
        ("/help/contact/", 200),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/admin/", 302),
        ("/admin/login/", 302),
        ("/nothing/", 404),
        ("/static/nothing.css", 404),
        ("/webhooks/twilio/status/", 405),
        ("/__debug__/", 404),
        ("/.env", 404),
        ("/.git/config", 404),
    ],
)
def test_public_pages_have_security_headers_and_leak_nothing(
    anonymous: Visitor, path: str, status: int
) -> None:
    assert_safe(anonymous.get(path), status)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/leads/", 200),
        ("/leads/?q=failed_sms+%3E+", 200),
        ("/leads/999999/", 404),
        ("/leads/export/", 200),
        ("/messages/", 200),
        ("/review/", 404),
        ("/admin/", 302),
    ],
)
def test_a_reps_pages_have_security_headers(rep: Visitor, path: str, status: int) -> None:
    assert_safe(rep.get(path), status)


def test_admin_pages_have_security_headers(administrator: Visitor) -> None:
    assert_safe(administrator.get("/admin/"), 200)
    assert_safe(administrator.get("/admin/leads/lead/"), 200)


@pytest.mark.parametrize(
    ("send", "status"),
    [
        (lambda visitor: visitor.request("POST", "/sign-in/", data={"username": "x"}), 403),
        (lambda visitor: visitor.request("POST", "/webhooks/twilio/inbound/", data={}), 403),
        (lambda visitor: visitor.request("POST", "/webhooks/pigeon/status/", data={}), 404),
        (lambda visitor: visitor.request("POST", "/sign-in/", data=b"x" * TOO_LONG), 413),
        (lambda visitor: visitor.get("/sign-in/", headers={"Host": "evil.example"}), 400),
    ],
    ids=["forged form", "unsigned callback", "unknown carrier", "too large", "other host"],
)
def test_refusals_have_security_headers(anonymous: Visitor, send: Send, status: int) -> None:
    assert_safe(send(anonymous), status)


def test_a_server_error_shows_a_clean_page(
    rep: Visitor, lead: str, database: psycopg.Connection
) -> None:
    database.execute("ALTER TABLE leads_contact RENAME TO elsewhere")
    try:
        assert_safe(rep.get(lead), 500)
    finally:
        database.execute("ALTER TABLE elsewhere RENAME TO leads_contact")
    assert_safe(rep.get(lead), 200)


def test_a_search_for_500_numbers_fits_in_the_address(rep: Visitor) -> None:
    numbers = ", ".join(f'"+1415555{index:04}"' for index in range(500))
    address = f"/leads/?{urlencode({'q': f'phone in ({numbers})'})}"
    response = rep.get(address, headers={"HX-Current-URL": rep.base + address})
    assert_safe(response, 200)
    assert "500 values" not in response.text
    assert_safe(rep.get(f"/leads/?q={'x' * 40_000}"), 414)


def test_a_page_that_waits_too_long_for_the_database_times_out(
    site: Installation, rep: Visitor, lead: str, database: psycopg.Connection
) -> None:
    with database.transaction():
        database.execute("LOCK TABLE leads_contact IN ACCESS EXCLUSIVE MODE")
        started = time.monotonic()
        response = rep.get(lead)
        elapsed = time.monotonic() - started
    assert_safe(response, 503)
    assert "took too long" in response.text
    assert STATEMENT_TIMEOUT <= elapsed < STATEMENT_TIMEOUT + 20


def test_slow_clients_do_not_block_others(site: Installation, anonymous: Visitor) -> None:
    """There are more slow clients than gunicorn threads, so nginx has to buffer their requests."""
    context = ssl.create_default_context(cafile=site.certificate)
    head = (
        b"POST /webhooks/twilio/inbound/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nX-Twilio-Signature: x\r\n\r\nBody="
    )
    with ExitStack() as stack:
        for _ in range(20):
            plain = socket.create_connection(("localhost", site.https))
            slow = stack.enter_context(context.wrap_socket(plain, server_hostname="localhost"))
            slow.sendall(head)
        time.sleep(0.5)
        assert anonymous.get("/healthz", timeout=30).status_code == 200


def test_a_callback_signed_with_a_published_token_is_refused(site: Installation) -> None:
    for token in ("sandbox", "", SANDBOX_TOKEN):
        assert_safe(report(site, "twilio", token), 403)
    for token in ("sandbox", "", TWILIO_TOKEN):
        assert_safe(report(site, "sandbox", token), 403)
    assert_safe(report(site, "twilio", TWILIO_TOKEN), 200)


@pytest.mark.parametrize("name", ["rep", "manager", "support", "admin"])
def test_demo_users_cannot_sign_in(anonymous: Visitor, name: str) -> None:
    response = wrong_password(anonymous, name)
    assert_safe(response, 200)
    assert "sessionid" not in anonymous.session.cookies


def test_a_client_cannot_claim_another_address(
    anonymous: Visitor, database: psycopg.Connection
) -> None:
    anonymous.session.headers["X-Forwarded-For"] = "203.0.113.9"
    assert wrong_password(anonymous, "victor").status_code == 200
    addresses = "SELECT DISTINCT host(ip_address) FROM axes_accessattempt WHERE username = 'victor'"
    assert database.execute(addresses).fetchall() == [("127.0.0.1",)]


def test_development_commands_are_refused(site: Installation) -> None:
    done = subprocess.run(
        [".venv/bin/python", "-c", RUN_ALL, "demo", "run"],
        cwd=site.project,
        env=site.environment | {"DJANGO_SETTINGS_MODULE": "smscenter.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.findall(r"^(\d) CommandError: .*DEBUG=on", done.stdout, re.MULTILINE) == ["1", "1"]
    assert "Traceback" not in done.stdout + done.stderr


def test_cookies_are_secure_and_same_site(rep: Visitor) -> None:
    cookies = {cookie.name: cookie for cookie in rep.session.cookies}
    assert set(cookies) >= {"sessionid", "csrftoken"}
    for cookie in cookies.values():
        assert cookie.secure, cookie.name
        assert cookie.get_nonstandard_attr("SameSite") == "Lax", cookie.name
    assert cookies["sessionid"].has_nonstandard_attr("HttpOnly")


def test_http_redirects_to_https(site: Installation) -> None:
    plain = f"http://localhost:{site.http}/help/?q=spam"
    response = requests.get(plain, timeout=30, allow_redirects=False)
    assert response.status_code == 301
    assert response.headers["Location"] == "https://localhost/help/?q=spam"
    # Gunicorn redirects direct requests, too.
    direct = f"http://127.0.0.1:{site.web_port}/sign-in/"
    response = requests.get(
        direct, timeout=30, allow_redirects=False, headers={"Host": "localhost"}
    )
    assert response.status_code == 301


def test_static_files_are_compressed_and_immutable(anonymous: Visitor) -> None:
    page = anonymous.get("/sign-in/").text
    paths = set(re.findall(r'"(/static/[^"]+\.(?:css|js))"', page))
    assert paths
    for path in paths:
        assert re.search(r"\.[0-9a-f]{12}\.(css|js)$", path)
        response = anonymous.get(path, headers={"Accept-Encoding": "gzip"})
        assert_safe(response, 200)
        assert "immutable" in response.headers["Cache-Control"]
        assert response.headers["Content-Encoding"] == "gzip"


def test_a_clean_page_is_shown_while_the_web_server_is_down(
    site: Installation, anonymous: Visitor
) -> None:
    """It was down until the README's command started it."""
    assert_safe(site.while_down, 502)
    assert "isn’t available right now" in site.while_down.text
    assert_safe(anonymous.get("/sign-in/"), 200)


def test_pages_are_shown_while_an_upgrade_replaces_their_templates(
    site: Installation, administrator: Visitor
) -> None:
    """No process has shown this page before. Another version's template may need new code."""
    file = site.project / "templates/messaging/bulk_list.html"
    shipped = file.read_text()
    file.write_text("{% not_in_this_version %}")
    try:
        assert_safe(administrator.get("/bulk/"), 200)
    finally:
        file.write_text(shipped)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_monitoring_can_be_requested_on_the_same_machine_only(
    anonymous: Visitor, path: str
) -> None:
    assert_safe(anonymous.get(path), 200)
    anonymous.session.mount("https://", FromAnotherAddress())
    assert_safe(anonymous.get(path), 403)
