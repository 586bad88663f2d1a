"""Limit what a search costs the database: its time, and the rows that are counted.

Errors of the database that a search causes become problems of the search.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from typing import Any, Self

import structlog
from django.conf import settings
from django.db import DataError, OperationalError, transaction

from search.language.errors import Code, Problem, QueryError
from smscenter.database.replica import reading
from smscenter.database.timeouts import is_statement_timeout

log = structlog.get_logger(__name__)

# SQLite steps between checks of the time. This many take about a millisecond, or a few if each
# step calls a Python function.
STEPS = 1_000
# https://www.postgresql.org/docs/current/errcodes-appendix.html
LIMIT_EXCEEDED = ("54", "53200", "53400")
# SQLite has the same error code for all of these.
TOO_LARGE = (
    "parser stack overflow",
    "Expression tree is too large",
    "too many",
    "at most 64 tables",
    "string or blob too big",
)

# What is normal to exceed: then a longer limit follows, or something is left out.
QUIET = ("quick", "count", "completion", "looking")

COUNT_LIMIT = 10_000

# SQLite's own message.
INTERRUPTED = "interrupted"
READ_TIMEOUT = "current_setting('statement_timeout')"
# With PostgreSQL's default of 4 MB, it doesn't remember which rows have a common word, only which
# pages, and finds the words of all rows on them again: 50 times as long with ten million texts.
WORK_MEMORY = "32MB"
MORE_MEMORY = (
    f"CASE WHEN pg_size_bytes(current_setting('work_mem')) < pg_size_bytes('{WORK_MEMORY}')"
    f" THEN set_config('work_mem', '{WORK_MEMORY}', true) END"
)
SET_TIMEOUT = "set_config('statement_timeout', %s, true)"
# In seconds. After a shorter statement, the timeout isn't set again.
INACCURACY = 0.01

_deadline: ContextVar[float] = ContextVar("deadline", default=math.inf)


@contextmanager
def time_limit(limit: str | float, text: str = "", *, spent: float = 0) -> Iterator[None]:
    """Stop database queries for the search `text` after this time, all of the block together.

    `limit` is a name in SEARCH_SECONDS, or a number of seconds, of which `spent` are over. Raises
    QueryError if they take too long, and if the database finds the search too complex. On
    PostgreSQL, the block is a transaction. Inside another time limit, the shorter one applies.
    math.inf is no limit.
    """
    seconds = settings.SEARCH_SECONDS[limit] if isinstance(limit, str) else limit
    before = _deadline.get()
    token = _deadline.set(min(before, monotonic() + seconds - spent))
    try:
        with translate_errors(text, limit), _limited(before):
            yield
    finally:
        _deadline.reset(token)


def is_limited() -> bool:
    """Return whether database queries run within a time limit."""
    return not math.isinf(_deadline.get())


@contextmanager
def translate_errors(text: str = "", limit: str | float = "") -> Iterator[None]:
    """Raise QueryError for errors of the database that the search `text` causes."""
    try:
        yield
    except (OperationalError, DataError, RecursionError) as error:
        code = _code(error)
        if code is None:
            raise
        if limit not in QUIET:
            log.warning("search_refused", code=str(code), limit=limit, query=text, error=str(error))
        raise QueryError(_problem(code, text), text) from error


def _code(error: Exception) -> Code | None:
    """Return None for an error that isn't about the search, such as a lost connection."""
    if isinstance(error, RecursionError | DataError):
        return Code.TOO_COMPLEX
    if is_statement_timeout(error) or str(error) == INTERRUPTED:
        return Code.TOO_SLOW
    state = getattr(error.__cause__, "sqlstate", None) or ""
    if state.startswith(LIMIT_EXCEEDED) or any(part in str(error) for part in TOO_LARGE):
        return Code.TOO_COMPLEX
    return None


def _problem(code: Code, text: str) -> Problem:
    if code is Code.TOO_SLOW:
        message = "This search took too long, so it was stopped."
        hint = "Add a term that matches fewer rows, such as a date, or remove a term."
    else:
        message = "This search is too complex to run."
        hint = "Remove a term or a level of parentheses."
    return Problem(code, message, 0, len(text), hint)


def _limited(before: float) -> AbstractContextManager[None]:
    if not is_limited():
        return nullcontext()
    if reading.connection().vendor == "postgresql":
        return _on_postgresql()
    # An outer limit already checks the time.
    return _on_sqlite() if math.isinf(before) else nullcontext()


@contextmanager
def _on_sqlite() -> Iterator[None]:
    """Check the time between SQLite's steps."""
    connection = reading.connection()
    connection.ensure_connection()
    connection.connection.set_progress_handler(_is_over, STEPS)
    try:
        yield
    finally:
        connection.connection.set_progress_handler(None, 0)


def _is_over() -> bool:
    return monotonic() > _deadline.get()


@contextmanager
def _on_postgresql() -> Iterator[None]:
    """Set a statement timeout, and enough memory for a search.

    A canceled statement aborts its transaction, so start a new one.
    """
    connection = reading.connection()
    inside_another = connection.in_atomic_block
    timeout = _StatementTimeout(_deadline.get())
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        cursor.execute(f"SELECT {READ_TIMEOUT}, {SET_TIMEOUT}, {MORE_MEMORY}", timeout.next())
        before = cursor.fetchone()[0]
        with connection.execute_wrapper(timeout):
            yield
        if inside_another:
            # The setting would last until the outer transaction ends.
            cursor.execute(f"SELECT {SET_TIMEOUT}", [before])


class _StatementTimeout:
    """Give each statement of a block what the ones before it left."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.seconds = math.inf

    def next(self) -> list[str]:
        """Return the parameter of SET_TIMEOUT."""
        self.seconds = self.deadline - monotonic()
        return [f"{max(1, round(self.seconds * 1000))}ms"]

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if "SAVEPOINT" in sql:
            # It ends a block inside this one, whose transaction may be aborted.
            return execute(sql, params, many, context)
        left = self.deadline - monotonic()
        if left < 0:
            raise OperationalError(INTERRUPTED)
        if self.seconds - left > INACCURACY and self.deadline == _deadline.get():
            # On psycopg's own cursor, because the statement's may be one of the server.
            context["connection"].connection.execute(f"SELECT {SET_TIMEOUT}", self.next())
        return execute(sql, params, many, context)


@dataclass(frozen=True)
class Count:
    """A number of rows, exact up to COUNT_LIMIT, so that counting never reads all rows."""

    number: int
    capped: bool

    @classmethod
    def of(cls, number: int) -> Self:
        """Return the count of so many rows, of which one more than the limit was counted."""
        return cls(min(number, COUNT_LIMIT), number > COUNT_LIMIT)

    def __str__(self) -> str:
        return f"{self.number:,}+" if self.capped else f"{self.number:,}"
