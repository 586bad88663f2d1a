"""Twilio's accounts. Their variables are named as in Twilio's own tools."""

from typing import Any

from environs import Env

from messaging.carriers.twilio_protocol.accounts import Account


class AccountEnv:
    """The environment of one account: the account `canada` reads TWILIO_CANADA_AUTH_TOKEN."""

    def __init__(self, env: Env, name: str) -> None:
        self.env, self.prefix = env, prefix(name)

    def str(self, name: str) -> str:
        value: str = self.env.str(name.replace("TWILIO_", self.prefix, 1), default="")
        return value


def prefix(name: str) -> str:
    """Return how the variables of an account begin. The default account has no name."""
    return f"TWILIO_{name.upper()}_" if name else "TWILIO_"


def read(env: Env, **_: bool) -> dict[str, Any]:
    """Return the accounts by name, the default one first, and the variables without effect."""
    names = ["", *env.list("TWILIO_ACCOUNTS", default=[])]
    unused = [name for name in names if AccountEnv(env, name).str("TWILIO_MESSAGING_SERVICE_SID")]
    return {
        "TWILIO_ACCOUNTS": {name: account(AccountEnv(env, name)) for name in names},
        "TWILIO_UNUSED": [f"{prefix(name)}MESSAGING_SERVICE_SID" for name in unused],
    }


def account(env: AccountEnv) -> Account:
    return Account(
        sid=env.str("TWILIO_ACCOUNT_SID"),
        auth_token=env.str("TWILIO_AUTH_TOKEN"),
        old_auth_token=env.str("TWILIO_OLD_AUTH_TOKEN"),
        api_key=env.str("TWILIO_API_KEY"),
        api_secret=env.str("TWILIO_API_SECRET"),
        shared_keys=tuple(env.str("TWILIO_SHARED_KEYS").replace(",", " ").split()),
        region=env.str("TWILIO_REGION"),
        edge=env.str("TWILIO_EDGE"),
        api_url=env.str("TWILIO_API_URL").rstrip("/"),
    )
