"""How long a carrier asks us to wait: the header `Retry-After` (RFC 9110)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from django.utils import timezone

# A longer wait is a mistake, or a limit that the code map knows.
LONGEST = timedelta(days=1)


def retry_after(headers: Mapping[str, str]) -> timedelta:
    """Return how long to wait. Zero without the header, or if it can't be read.

    The header has a number of seconds or a date.
    """
    value = headers.get("Retry-After", "").strip()
    wait = timedelta(seconds=int(value[:9])) if _is_number(value) else _until(value)
    return min(max(wait, timedelta()), LONGEST)


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit()


def _until(value: str) -> timedelta:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return timedelta()
    return _aware(moment) - timezone.now()


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
