"""Delete rows that no one needs anymore, in small batches.

Each app registers a job for its own tables (smscenter/jobs.py).
"""

import time
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone

# Seconds between two runs of each job.
EVERY = 600.0
# Rows in one statement: few, so that others don't wait long for its locks.
BATCH = 1_000
# Per table and run, because the same thread sends mail.
SECONDS = 2.0


def older_than(days: int) -> datetime | None:
    """Return the time before which rows can be deleted. None for 0 days: keep them."""
    return timezone.now() - timedelta(days=days) if days else None


def next_ids(rows: "QuerySet[Any]", limit: int = BATCH) -> list[int]:
    """Return the IDs of the next of these rows, for a batch."""
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def delete(rows: "QuerySet[Model]") -> int:
    """Delete these rows in order, batch by batch, and return their number.

    Rows left after SECONDS are deleted in the next run.
    """
    until, deleted = time.monotonic() + SECONDS, 0
    while ids := list(rows.values_list("pk", flat=True)[:BATCH]):
        # Check again that they are old: a session may have been renewed.
        deleted += rows.order_by().filter(pk__in=ids).delete()[0]
        if time.monotonic() >= until:
            break
    return deleted
