"""Log lines about an attempt carry the ID of the request that queued it, in any process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from structlog.contextvars import bound_contextvars

if TYPE_CHECKING:
    from messaging.models import Attempt


@contextmanager
def traced(attempt: "Attempt", callback_request_id: str = "") -> Iterator[None]:
    """Bind the attempt and the request that queued it; a retry made meanwhile inherits it."""
    ids: dict[str, Any] = {"attempt": attempt.pk, "message": attempt.message_id}
    if request_id := attempt.request_id or callback_request_id:
        ids["request_id"] = request_id
    if callback_request_id not in {"", request_id}:
        ids["callback_request_id"] = callback_request_id
    with bound_contextvars(**ids):
        yield
