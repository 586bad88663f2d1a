"""Explain a statement: what it costs, and the time limit for it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

SECONDS = 10  # per statement


@dataclass(frozen=True)
class Plan:
    milliseconds: float
    buffers: int


@contextmanager
def statement_limit() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{SECONDS}s'")
        yield


def plan_of(sql: str, params: Any) -> Plan:
    """Run a statement, and return what it cost."""
    with connection.connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        [[found]] = cursor.fetchall()
    [plan] = found if isinstance(found, list) else json.loads(found)
    top = plan["Plan"]
    return Plan(plan["Execution Time"], top["Shared Hit Blocks"] + top["Shared Read Blocks"])
