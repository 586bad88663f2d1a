import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error

from messaging.carriers.twilio.settings import prefix
from messaging.carriers.twilio_protocol.accounts import Account
from messaging.carriers.twilio_protocol.carrier import TwilioProtocol

# As `SenderNumber.account` stores them, and so that variables can be named after them.
ACCOUNT_NAME = re.compile(r"[a-z][a-z0-9_]{0,19}")


class Adapter(TwilioProtocol):
    key = "twilio"
    label = "Twilio"

    @property
    def accounts(self) -> Mapping[str, Account]:
        accounts: Mapping[str, Account] = settings.TWILIO_ACCOUNTS
        return accounts

    def check(self) -> Iterator[CheckMessage]:
        for name, account in self.accounts.items():
            if name and not ACCOUNT_NAME.fullmatch(name):
                yield Error(
                    f"TWILIO_ACCOUNTS contains {name!r}, which can't be the name of an account.",
                    hint="Use up to 20 lowercase letters, digits, and underscores.",
                    id="messaging.E006",
                )
                continue
            yield from _missing(name, account)
            yield from _mistaken(prefix(name), account)
        for variable in settings.TWILIO_UNUSED:
            yield checks.Warning(
                f"{variable} has no effect. Each sender number has its own messaging service.",
                hint="Check the sender numbers in the admin, and remove the variable.",
                id="messaging.W011",
            )

    def check_deployment(self) -> Iterator[CheckMessage]:
        for name, account in self.accounts.items():
            if account.api_url.startswith("http://"):
                yield Error(
                    f"{prefix(name)}API_URL is {account.api_url!r}: anyone on the way could read "
                    "your texts and credentials.",
                    hint="Use https.",
                    id="messaging.E010",
                )


def _missing(name: str, account: Account) -> Iterator[Error]:
    given = {"ACCOUNT_SID": account.sid, "AUTH_TOKEN": account.auth_token}
    if account.api_key or account.api_secret:
        given |= {"API_KEY": account.api_key, "API_SECRET": account.api_secret}
    why = f"{name} is one of your TWILIO_ACCOUNTS" if name else "Twilio is one of your CARRIERS"
    for variable in [variable for variable, value in given.items() if not value]:
        yield Error(
            f"{why}, but {prefix(name)}{variable} is missing.",
            hint="Copy it from the Twilio Console. The auth token is also needed with an API key, "
            "because it signs webhooks.",
            id="messaging.E003",
        )


def _mistaken(start: str, account: Account) -> Iterator[Error]:
    """Yield what has been mixed up: Twilio would answer each text with the same error."""
    kinds = {
        "ACCOUNT_SID": (account.sid, ("SK", "MG"), "an account's, which begins with AC"),
        "API_KEY": (account.api_key, ("AC", "MG"), "an API key's, which begins with SK"),
    }
    for variable, (value, others, right) in kinds.items():
        if value.startswith(others):
            yield Error(
                f"{start}{variable} is {value[:2]}…, the SID of something else.",
                hint=f"Set it to {right}.",
                id="messaging.E007",
            )
    if bool(account.region) != bool(account.edge):
        yield Error(
            f"{start}REGION and {start}EDGE only work together.",
            hint="For example, ie1 and dublin, or au1 and sydney. Leave both empty for the US.",
            id="messaging.E008",
        )
    if account.api_url and urlsplit(account.api_url).scheme not in {"http", "https"}:
        yield Error(
            f"{start}API_URL is {account.api_url!r}, which isn't an address like https://host.",
            id="messaging.E009",
        )
