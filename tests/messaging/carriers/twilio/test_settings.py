from pathlib import Path

import pytest
from django.core import checks
from environs import FileAwareEnv
from pytest_django import Settings

from messaging.carriers.twilio import settings as twilio_settings
from messaging.carriers.twilio_protocol.accounts import Account
from tests.test_settings import PRODUCTION, start

GIVEN = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "secret"}


@pytest.fixture(autouse=True)
def _only_twilio(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CARRIERS = ["twilio"]
    for name in GIVEN:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def accounts(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> "Accounts":
    return Accounts(settings, monkeypatch)


class Accounts:
    """Read accounts from these variables into the settings."""

    def __init__(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings, self.monkeypatch = settings, monkeypatch

    def read(self, **variables: str) -> dict[str, Account]:
        for name, value in variables.items():
            self.monkeypatch.setenv(name, value)
        env = FileAwareEnv(strip_whitespace=True)
        read = twilio_settings.read(env)
        self.settings.TWILIO_UNUSED = read["TWILIO_UNUSED"]
        accounts: dict[str, Account] = read["TWILIO_ACCOUNTS"]
        self.settings.TWILIO_ACCOUNTS = accounts
        return accounts


def errors() -> list[str]:
    tags = ["messaging", checks.Tags.security]
    found = [
        message
        for message in checks.run_checks(tags=tags, include_deployment_checks=True)
        if str(message.id).startswith("messaging.")
    ]
    assert all(error.is_serious() for error in found)
    return [f"{error.id} {error.msg}" for error in found]


def test_valid_settings_pass(accounts: Accounts) -> None:
    account = accounts.read(**GIVEN)[""]
    assert (account.login, account.url) == ("AC1:secret", "https://api.twilio.com")
    assert errors() == []


@pytest.mark.parametrize("name", GIVEN)
def test_missing_credentials_are_an_error_with_a_hint(accounts: Accounts, name: str) -> None:
    accounts.read(**GIVEN | {name: ""})
    assert errors() == [f"messaging.E003 Twilio is one of your CARRIERS, but {name} is missing."]


def test_credentials_are_not_needed_without_twilio(accounts: Accounts, settings: Settings) -> None:
    accounts.read()
    settings.CARRIERS = ["sandbox"]
    assert not [error for error in errors() if "TWILIO" in error]


def test_an_api_key_authenticates_instead_of_the_token(accounts: Accounts) -> None:
    account = accounts.read(**GIVEN, TWILIO_API_KEY="SK1", TWILIO_API_SECRET="s")[""]
    assert account.login == "SK1:s"
    assert account.signing_secrets(shared=False) == ["secret"]
    assert errors() == []


def test_two_tokens_are_valid_during_a_rotation(accounts: Accounts) -> None:
    account = accounts.read(**GIVEN, TWILIO_OLD_AUTH_TOKEN="old")[""]
    assert account.login == "AC1:secret"
    assert account.signing_secrets(shared=False) == ["secret", "old"]


def test_a_region_has_its_own_address(accounts: Accounts) -> None:
    region = {"TWILIO_REGION": "ie1", "TWILIO_EDGE": "dublin"}
    assert accounts.read(**GIVEN, **region)[""].url == "https://api.dublin.ie1.twilio.com"
    given = accounts.read(**GIVEN, **region, TWILIO_API_URL="https://proxy.example.com/twilio/")
    assert given[""].url == "https://proxy.example.com/twilio"


def test_several_accounts_have_variables_of_their_own(accounts: Accounts) -> None:
    read = accounts.read(
        **GIVEN,
        TWILIO_ACCOUNTS="canada,sales",
        TWILIO_CANADA_ACCOUNT_SID="AC2",
        TWILIO_CANADA_AUTH_TOKEN="other",
    )
    assert list(read) == ["", "canada", "sales"]
    assert read["canada"] == Account("AC2", "other")
    assert errors() == [
        f"messaging.E003 sales is one of your TWILIO_ACCOUNTS, but TWILIO_SALES_{name} is missing."
        for name in ("ACCOUNT_SID", "AUTH_TOKEN")
    ]


def test_a_variable_without_effect_is_named(accounts: Accounts) -> None:
    accounts.read(
        **GIVEN, TWILIO_MESSAGING_SERVICE_SID="MG1", TWILIO_CANADA_MESSAGING_SERVICE_SID="MG2"
    )
    (warning,) = checks.run_checks(tags=["messaging"])
    assert warning.msg == (
        "TWILIO_MESSAGING_SERVICE_SID has no effect. "
        "Each sender number has its own messaging service."
    )
    assert not warning.is_serious()


def test_secrets_can_be_mounted_files(accounts: Accounts, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("from a file\n")
    read = accounts.read(
        TWILIO_ACCOUNTS="canada",
        TWILIO_AUTH_TOKEN_FILE=str(secret),
        TWILIO_CANADA_AUTH_TOKEN_FILE=str(secret),
    )
    assert {account.auth_token for account in read.values()} == {"from a file"}


def test_a_missing_file_stops_the_start() -> None:
    said = start(**PRODUCTION, TWILIO_AUTH_TOKEN_FILE="/nowhere/token")
    assert "TWILIO_AUTH_TOKEN_FILE must be a readable file path" in said


def test_secrets_are_not_in_error_reports(accounts: Accounts) -> None:
    read = accounts.read(
        TWILIO_AUTH_TOKEN="s3cret",
        TWILIO_OLD_AUTH_TOKEN="s3cret",
        TWILIO_API_SECRET="s3cret",
        TWILIO_SHARED_KEYS="s3cret",
    )
    assert "s3cret" not in repr(read)


@pytest.mark.parametrize(
    ("variables", "error"),
    [
        ({"TWILIO_ACCOUNT_SID": "SK1"}, "E007 TWILIO_ACCOUNT_SID is SK…"),
        ({"TWILIO_API_KEY": "AC1", "TWILIO_API_SECRET": "s"}, "E007 TWILIO_API_KEY is AC…"),
        ({"TWILIO_API_KEY": "SK1"}, "E003 Twilio is one of your CARRIERS, but TWILIO_API_SECRET"),
        ({"TWILIO_REGION": "ie1"}, "E008 TWILIO_REGION and TWILIO_EDGE only work together."),
        ({"TWILIO_API_URL": "api.example.com"}, "E009 TWILIO_API_URL is 'api.example.com'"),
        ({"TWILIO_API_URL": "http://api.example.com"}, "E010 TWILIO_API_URL is 'http://"),
        ({"TWILIO_ACCOUNTS": "Canada!"}, "E006 TWILIO_ACCOUNTS contains 'Canada!'"),
    ],
    ids=str,
)
def test_what_was_mixed_up_is_named(
    accounts: Accounts, variables: dict[str, str], error: str
) -> None:
    accounts.read(**GIVEN | variables)
    (found,) = errors()
    assert found.startswith(f"messaging.{error}")
