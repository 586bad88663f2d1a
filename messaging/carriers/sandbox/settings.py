from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environs import Env

# Published in the README, so anyone could sign callbacks with it.
PUBLISHED_TOKEN = "sandbox"  # noqa: S105


def read(env: Env, *, enabled: bool, debug: bool) -> dict[str, Any]:
    """Return the sandbox's settings. Raises ImproperlyConfigured for the published token."""
    token = env.str("SANDBOX_AUTH_TOKEN", default="sandbox")
    if enabled and not debug and token == PUBLISHED_TOKEN:
        raise ImproperlyConfigured(
            "SANDBOX_AUTH_TOKEN is the default, so anyone could forge callbacks: set another one, "
            "or remove the sandbox from CARRIERS."
        )
    return {
        "SANDBOX_URL": env.str("SANDBOX_URL", default="http://127.0.0.1:8010").rstrip("/"),
        "SANDBOX_ACCOUNT_SID": "AC" + "5a" * 16,
        "SANDBOX_AUTH_TOKEN": token,
    }
