"""A wrong setting is named before the first text is sent."""

import pytest
from django.core import checks
from pytest_django import Settings


@pytest.fixture(autouse=True)
def right(settings: Settings) -> None:
    settings.CARRIERS = ["twilio"]
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", "secret"
    settings.SEND_LEASE_SECONDS, settings.CARRIER_TIMEOUT_SECONDS = 60, 15


def complaints(*, deploy: bool = False) -> list[checks.CheckMessage]:
    tags = ["messaging", checks.Tags.security]
    found = checks.run_checks(tags=tags, include_deployment_checks=deploy)
    return [message for message in found if str(message.id).startswith("messaging.")]


def test_right_settings_are_right() -> None:
    assert complaints(deploy=True) == []


@pytest.mark.parametrize(
    ("name", "value", "code", "words"),
    [
        ("CARRIERS", [], "messaging.E001", "is empty"),
        ("CARRIERS", ["twilio", "pigeon"], "messaging.E002", "'pigeon'"),
        ("TWILIO_ACCOUNT_SID", "", "messaging.E003", "TWILIO_ACCOUNT_SID is missing"),
        ("TWILIO_AUTH_TOKEN", "", "messaging.E003", "TWILIO_AUTH_TOKEN is missing"),
        ("SEND_LEASE_SECONDS", 16, "messaging.E004", "SEND_LEASE_SECONDS is 16"),
        ("CARRIER_TIMEOUT_SECONDS", 0, "messaging.E004", "sent twice"),
    ],
)
def test_a_wrong_setting_is_an_error_with_a_hint(
    settings: Settings, name: str, value: object, code: str, words: str
) -> None:
    setattr(settings, name, value)
    found = complaints()
    assert [message.id for message in found] == [code]
    assert words in found[0].msg
    assert found[0].hint
    assert found[0].is_serious()


def test_without_twilio_its_credentials_are_not_asked_for(settings: Settings) -> None:
    settings.CARRIERS, settings.TWILIO_AUTH_TOKEN = ["sandbox"], ""
    assert complaints() == []


def test_the_sandbox_is_an_error_where_people_work(settings: Settings) -> None:
    settings.CARRIERS = ["sandbox"]
    assert complaints() == []
    found = complaints(deploy=True)
    assert [message.id for message in found] == ["messaging.E005"]
    assert found[0].is_serious()
    settings.DEBUG = True
    assert complaints(deploy=True) == []
