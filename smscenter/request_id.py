"""The ID that a request shares with the work that it queues, for the logs."""

import re

import structlog

LONGEST = 64
WELL_FORMED = re.compile(rf"[A-Za-z0-9_-]{{16,{LONGEST}}}")


def current_request_id() -> str:
    """Return the ID of the request or queued work in this thread, or an empty string."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))[:LONGEST]
