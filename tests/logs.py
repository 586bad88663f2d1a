"""Collect log lines as production writes them."""

import json
import logging
from typing import Any

import structlog
from django.conf import settings


class Lines(logging.Handler):
    """Collect the values in the JSON of each line."""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[dict[str, Any]] = []
        self.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=settings.SHARED_PROCESSORS,
                processor=structlog.processors.JSONRenderer(),
            )
        )

    def emit(self, record: logging.LogRecord) -> None:
        self.values.append(json.loads(self.format(record)))

    def named(self, event: str) -> dict[str, Any]:
        """Return the latest line of this event."""
        return [line for line in self.values if line["event"] == event][-1]

    def of_request(self, request_id: str) -> list[str]:
        """Return the events that have this request id."""
        return [line["event"] for line in self.values if line.get("request_id") == request_id]
