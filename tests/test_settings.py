"""Dangerous settings stop the project from starting, with a plain error."""

import os
import subprocess
from pathlib import Path

import pytest

from tests import fork_server

pytestmark = pytest.mark.once
ROOT = Path(__file__).parent.parent
LONG = "k" * 16 + "abcdefghijklmnopqrstuvwxyz0123456789-_ABCDEF"
PRODUCTION = {
    "DEBUG": "off",
    "SECRET_KEY": LONG,
    "PUBLIC_URL": "https://sms.example",
    "TRUSTED_PROXIES": "1",
    "CARRIERS": "twilio",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "secret",
}
HEADERS = (
    "import django; django.setup(); from django.test import Client; "
    "print(dict(Client(SERVER_NAME='sms.example').get('/healthz', secure=True).headers))"
)
HSTS = (
    "from smscenter import settings; print(settings.SECURE_HSTS_SECONDS, "
    "settings.SECURE_HSTS_INCLUDE_SUBDOMAINS, settings.SECURE_HSTS_PRELOAD)"
)


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code with the settings of this environment. An empty value unsets a variable."""
    inherited = {name: os.environ[name] for name in ("PATH", "DATABASE_URL") if name in os.environ}
    values = {name: value for name, value in environment.items() if value}
    return fork_server.run(
        ["-c", code], {**inherited, "DJANGO_SETTINGS_MODULE": "smscenter.settings", **values}
    )


def start(**environment: str) -> str:
    """Return the error that stops the project from starting, or "" if it starts."""
    done = python("import smscenter.settings", **environment)
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""


def test_valid_settings_start() -> None:
    assert start(**PRODUCTION) == ""
    assert start(DEBUG="on") == ""


@pytest.mark.parametrize(
    "public",
    [
        {"PUBLIC_URL": "https://sms.example"},
        {"PUBLIC_URL": "http://0.0.0.0:8000"},
        {"PUBLIC_URL": "http://192.168.1.5:8000"},
        {"ALLOWED_HOSTS": "localhost,sms.example"},
        {"ALLOWED_HOSTS": "*"},
    ],
    ids=lambda public: str(*public.values()),
)
def test_debug_at_a_public_address_is_refused(public: dict[str, str]) -> None:
    error = start(DEBUG="on", **public)
    assert "ImproperlyConfigured: DEBUG is on" in error
    assert ".env" in error


@pytest.mark.parametrize(
    "local",
    [
        {"PUBLIC_URL": "http://127.0.0.2:8001"},
        {"PUBLIC_URL": "http://[::1]:8000"},
        {"ALLOWED_HOSTS": "localhost, sms.localhost,127.0.0.1,[::1]"},
    ],
    ids=lambda local: str(*local.values()),
)
def test_debug_on_this_machine_is_allowed(local: dict[str, str]) -> None:
    assert start(DEBUG="on", **local) == ""


@pytest.mark.parametrize("key", ["only-for-development", "k" * 31])
def test_a_short_secret_key_is_refused(key: str) -> None:
    error = start(**PRODUCTION | {"SECRET_KEY": key})
    assert "ImproperlyConfigured: SECRET_KEY" in error
    assert "32 characters" in error


def test_a_missing_secret_key_is_refused() -> None:
    assert "SECRET_KEY is missing" in start(**PRODUCTION | {"SECRET_KEY": ""})


def test_commands_say_what_is_wrong_without_a_traceback() -> None:
    done = fork_server.run([str(fork_server.ROOT / "manage.py"), "check"], {})
    assert done.returncode == 1
    assert done.stderr == (
        "SECRET_KEY is missing. Set it to a long random string, or set DEBUG=on to try things out."
        "\n"
    )


def test_hsts_covers_only_this_host_by_default() -> None:
    assert python(HSTS, **PRODUCTION).stdout == "31536000 False False\n"


def test_hsts_can_cover_subdomains_and_preload() -> None:
    done = python(HEADERS, **PRODUCTION, HSTS_INCLUDE_SUBDOMAINS="on", HSTS_PRELOAD="on")
    expected = "'Strict-Transport-Security': 'max-age=31536000; includeSubDomains; preload'"
    assert expected in done.stdout, done.stderr
