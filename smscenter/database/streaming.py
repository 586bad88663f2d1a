"""Read more rows than fit into memory."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import TypeVar

from django.db import connections, models, transaction
from django.db.models import QuerySet

CHUNK = 2_000

Row = TypeVar("Row", bound=models.Model)


def stream(rows: QuerySet[Row]) -> Iterator[Row]:
    """Yield the rows, of which a chunk at a time is in memory.

    On PostgreSQL, this is a transaction (smscenter/database/postgresql/base.py), so change nothing
    meanwhile: if the reader stops early, it's rolled back. On SQLite, a transaction would keep
    others from writing, and none is needed.
    """
    is_postgresql = connections[rows.db].vendor == "postgresql"
    with transaction.atomic(rows.db) if is_postgresql else nullcontext():
        yield from rows.iterator(chunk_size=CHUNK)
