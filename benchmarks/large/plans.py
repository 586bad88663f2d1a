"""Explain a statement: what it costs, and the time limit for it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from search.limits import MORE_MEMORY

SECONDS = 10  # per statement


@dataclass(frozen=True)
class Plan:
    milliseconds: float
    buffers: int


@contextmanager
def statement_limit() -> Iterator[None]:
    """Limit each statement, with the memory that searches have."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{SECONDS}s'")
        cursor.execute(f"SELECT {MORE_MEMORY}")
        yield


def plan_of(sql: str, params: Any) -> Plan:
    """Run a statement, and return what it cost."""
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        [[found]] = cursor.fetchall()
    [plan] = found if isinstance(found, list) else json.loads(found)
    top = plan["Plan"]
    return Plan(plan["Execution Time"], top["Shared Hit Blocks"] + top["Shared Read Blocks"])


@dataclass
class Reading:
    """How many statements something runs, and the buffers of those that read."""

    statements: int = 0
    buffers: int = 0

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if sql.startswith(("SAVEPOINT", "RELEASE")) or "set_config" in sql:
            return execute(sql, params, many, context)
        self.statements += 1
        # Others would write twice.
        if sql.startswith(("SELECT", "WITH")):
            self.buffers += plan_of(sql, params).buffers
        return execute(sql, params, many, context)


def reading_of(run: Callable[[], object]) -> Reading:
    """Run something. Each of its statements is explained first, which runs it once more."""
    reading = Reading()
    with connection.execute_wrapper(reading):
        run()
    return reading
