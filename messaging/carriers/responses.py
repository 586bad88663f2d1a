"""What a carrier's HTTP response means, whatever its format."""

import json
from typing import Any

from urllib3 import BaseHTTPResponse

from messaging.carriers import Accepted, CarrierError, is_id
from messaging.carriers.retry_after import retry_after

# Statuses below 500 that say "later": too slow, too early, too many.
TEMPORARY = frozenset({408, 425, 429})


def is_success(response: BaseHTTPResponse) -> bool:
    return 200 <= response.status < 300


def json_object(response: BaseHTTPResponse) -> dict[str, Any]:
    """Return the JSON object in the body, empty if there's none that can be read."""
    try:
        content = json.loads(response.data)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def accepted(response: BaseHTTPResponse, carrier_id: object, raw: dict[str, Any]) -> Accepted:
    """Return the text with this ID. Raises CarrierError if it isn't one."""
    if not isinstance(carrier_id, str) or not carrier_id or not is_id(carrier_id):
        raise unreadable(response, "A text without an ID")
    return Accepted(carrier_id, raw)


def unreadable(response: BaseHTTPResponse, fault: str) -> CarrierError:
    """Return the error of a response that doesn't say what happened to the text."""
    raw = {"status": response.status, "fault": fault}
    return CarrierError("", ambiguous=True, raw=raw)


def refusal(response: BaseHTTPResponse, *, code: str, words: str) -> CarrierError:
    """Return the error of a response other than a success.

    The carrier doesn't have the text if the status is between 400 and 499. It may have it after an
    error of its own, and after a redirect, which we don't follow. A refusal in which the carrier
    says nothing is from something between us and the carrier, and not for good.
    """
    status = response.status
    is_refused = 400 <= status < 500
    return CarrierError(
        words,
        code=code,
        permanent=is_refused and status not in TEMPORARY and bool(code or words),
        ambiguous=not is_refused,
        status=status,
        retry_after=retry_after(response.headers),
        raw={"status": status, "code": code, "message": words},
    )
