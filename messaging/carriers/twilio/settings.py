from typing import Any

from environs import Env


def read(env: Env, **_: bool) -> dict[str, Any]:
    return {
        "TWILIO_ACCOUNT_SID": env.str("TWILIO_ACCOUNT_SID", default=""),
        "TWILIO_AUTH_TOKEN": env.str("TWILIO_AUTH_TOKEN", default=""),
        # Twilio signs callbacks with it until the new one is its primary token.
        "TWILIO_OLD_AUTH_TOKEN": env.str("TWILIO_OLD_AUTH_TOKEN", default=""),
    }
