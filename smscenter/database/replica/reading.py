"""Choose the database that reads use, and go back to the primary if the replica fails."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from smscenter.database.replica import state
from smscenter.database.replica.own_writes import COOKIE
from smscenter.database.timeouts import is_statement_timeout

log = structlog.get_logger(__name__)

T = TypeVar("T")
P = ParamSpec("P")
Request = TypeVar("Request", bound=HttpRequest)

_alias: ContextVar[str] = ContextVar("reading_alias", default=DEFAULT_DB_ALIAS)


def alias() -> str:
    """Return the alias of the database that reads use now.

    What's read in a transaction of the primary may depend on what it wrote.
    """
    found = _alias.get()
    if found != DEFAULT_DB_ALIAS and connections[DEFAULT_DB_ALIAS].in_atomic_block:
        return DEFAULT_DB_ALIAS
    return found


def connection() -> BaseDatabaseWrapper:
    """Return the connection that reads use now, for SQL and settings of its session."""
    return connections[alias()]


@contextmanager
def reading_from(database: str) -> Iterator[None]:
    token = _alias.set(database)
    try:
        yield
    finally:
        _alias.reset(token)


def read(reading: Callable[[], T]) -> T:
    """Read from the replica, or from the primary if there's none. `reading` may run twice."""
    is_in_transaction = connections[DEFAULT_DB_ALIAS].in_atomic_block
    if not state.is_configured() or is_in_transaction or not state.state.is_usable():
        return reading()
    try:
        with reading_from(state.ALIAS):
            return reading()
    except Error as error:
        if not gave_up(error):
            raise
    return reading()


def gave_up(error: Error) -> bool:
    """Return whether to read again from the primary: not what took too long.

    The replica cancels statements that are in the way of what it replays, and may lack a table for
    a moment after a migration. Only a lost connection keeps everyone away from it for a while.
    """
    if is_statement_timeout(error):
        return False
    database = connections[state.ALIAS]
    if database.connection is None or database.connection.closed:
        database.close()
        state.state.stop(f"It failed: {' '.join(str(error).split())}")
    else:
        log.info("replica_failed", error=str(error))
    return True


def from_replica(
    view: Callable[Concatenate[Request, P], HttpResponseBase],
) -> Callable[Concatenate[Request, P], HttpResponseBase]:
    """Let a page that changes nothing be as old as the replica. Put it below other decorators."""

    @wraps(view)
    def shown(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"} or COOKIE in request.COOKIES:
            return view(request, *args, **kwargs)
        return read(partial(view, request, *args, **kwargs))

    return shown


class Router:
    """Read from the chosen database, and write to the primary, whatever a row was read from."""

    def db_for_read(self, _model: Any, **_hints: Any) -> str:
        return alias()

    def db_for_write(self, _model: Any, **_hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, _one: Any, _other: Any, **_hints: Any) -> bool:
        """Let rows from both be related: they're the same rows."""
        return True

    def allow_migrate(self, database: str, _app_label: str, **_hints: Any) -> bool:
        return database == DEFAULT_DB_ALIAS
