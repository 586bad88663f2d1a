"""System checks report invalid settings before the first text is sent."""

import pytest
from django.core import checks
from django.core.checks import CheckMessage, Error
from pytest_django import Settings

from tests.messaging.desk import Desk

PROBLEM = Error("The desk is closed.", id="messaging.E999")


@pytest.fixture(autouse=True)
def right(settings: Settings, desk: Desk) -> None:
    settings.CARRIERS = ["desk"]
    settings.SEND_LEASE_SECONDS, settings.CARRIER_TIMEOUT_SECONDS = 60, 15


def problems(*, deploy: bool = False) -> list[CheckMessage]:
    tags = ["messaging", checks.Tags.security]
    found = checks.run_checks(tags=tags, include_deployment_checks=deploy)
    return [message for message in found if str(message.id).startswith("messaging.")]


def test_valid_settings_pass() -> None:
    assert problems(deploy=True) == []


@pytest.mark.parametrize(
    ("name", "value", "code", "words"),
    [
        ("CARRIERS", [], "messaging.E001", "is empty"),
        ("CARRIERS", ["desk", "pigeon"], "messaging.E002", "'pigeon'"),
        ("SEND_LEASE_SECONDS", 16, "messaging.E004", "SEND_LEASE_SECONDS is 16"),
        ("CARRIER_TIMEOUT_SECONDS", 0, "messaging.E004", "sent twice"),
    ],
)
def test_a_wrong_setting_is_an_error_with_a_hint(
    settings: Settings, name: str, value: object, code: str, words: str
) -> None:
    setattr(settings, name, value)
    errors = problems()
    assert [message.id for message in errors] == [code]
    assert words in errors[0].msg
    assert errors[0].hint
    assert errors[0].is_serious()


def report(self: Desk) -> list[CheckMessage]:
    return [PROBLEM]


def test_a_carriers_own_check_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Desk, "check", report)
    assert problems() == [PROBLEM]


def test_a_carriers_deployment_check_is_an_error_in_production(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Desk, "check_deployment", report)
    assert problems() == []
    assert problems(deploy=True) == [PROBLEM]


@pytest.mark.parametrize("method", ["check", "check_deployment"])
def test_a_carrier_that_is_not_used_is_not_checked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def fail(self: Desk) -> list[CheckMessage]:
        raise AssertionError

    monkeypatch.setattr(Desk, method, fail)
    settings.CARRIERS = ["sandbox"]
    settings.DEBUG = True
    assert problems(deploy=True) == []
