import pytest
from django.core import checks
from environs import Env
from pytest_django import Settings

from messaging.carriers.twilio import settings as twilio_settings


@pytest.fixture(autouse=True)
def valid_settings(settings: Settings) -> None:
    settings.CARRIERS = ["twilio"]
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", "secret"


def test_valid_settings_pass() -> None:
    assert checks.run_checks(tags=["messaging"], include_deployment_checks=True) == []


@pytest.mark.parametrize("name", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"])
def test_missing_credentials_are_an_error_with_a_hint(settings: Settings, name: str) -> None:
    setattr(settings, name, "")
    (error,) = checks.run_checks(tags=["messaging"])
    assert (error.id, error.is_serious()) == ("messaging.E003", True)
    assert f"{name} is missing" in error.msg
    assert error.hint


def test_credentials_are_not_needed_without_twilio(settings: Settings) -> None:
    settings.CARRIERS, settings.TWILIO_AUTH_TOKEN = ["sandbox"], ""
    assert checks.run_checks(tags=["messaging"]) == []


def test_credentials_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC2")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "another")
    assert twilio_settings.read(Env()) == {
        "TWILIO_ACCOUNT_SID": "AC2",
        "TWILIO_AUTH_TOKEN": "another",
        "TWILIO_OLD_AUTH_TOKEN": "",
    }
