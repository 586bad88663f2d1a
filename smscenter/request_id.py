"""The id that a request, what it queues and what comes of that have in common in the logs."""

import re

import structlog

LONGEST = 64
WELL_FORMED = re.compile(rf"[A-Za-z0-9_-]{{16,{LONGEST}}}")


def current_request_id() -> str:
    """Return the id of the request that this thread answers, or works off; else ""."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))[:LONGEST]
