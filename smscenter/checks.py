"""System checks for deployment, in addition to Django's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004
from dotenv import dotenv_values

from smscenter import private_files
from smscenter.database.replica import state


@register(Tags.security, deploy=True)
def check_proxies(**_options: Any) -> list[CheckMessage]:
    """Warn if a TLS proxy isn't counted: all clients would share its address."""
    if settings.TRUSTED_PROXIES or not settings.HTTPS:
        return []
    return [
        Warning(
            "PUBLIC_URL is https, but TRUSTED_PROXIES is 0.",
            hint="Set it to the number of proxies in front. Otherwise, all visitors count as one"
            " client, and ten wrong passwords lock an account for everyone.",
            id="smscenter.W001",
        )
    ]


def _secret_files() -> Iterator[Path]:
    env = Path(settings.BASE_DIR) / ".env"
    # A file that only sets DEBUG, as older versions of `make setup` wrote it, has no secrets.
    if dotenv_values(env).keys() - {"DEBUG"}:
        yield env
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        for suffix in ("", "-wal", "-shm"):
            yield Path(f"{database['NAME']}{suffix}")


@register(Tags.security, deploy=True)
def check_secret_files(**_options: Any) -> Iterator[CheckMessage]:
    for path in _secret_files():
        if not private_files.is_private(path):
            yield Error(
                f"Other users of this machine can read or change {path}.",
                hint=f"chmod 600 {path}",
                id="smscenter.E001",
            )


@register(Tags.security, deploy=True)
def check_replica(**_options: Any) -> list[CheckMessage]:
    """Warn if REPLICA_DATABASE_URL can't be read: all pages would use the primary."""
    if not state.is_configured():
        return []
    try:
        state.positions()
    except state.UnusableError as error:
        return [
            Warning(
                f"The replica isn't used. {error}",
                hint="Correct REPLICA_DATABASE_URL, or start the replica.",
                id="smscenter.W002",
            )
        ]
    return []
