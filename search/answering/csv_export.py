"""Stream a result as CSV: a million rows need no more memory than a thousand.

Spreadsheets run cells that look like formulas, so free text that does gets an apostrophe in front.
Phone numbers, dates, and numbers don't: programs read `+14155550123` as E.164 and don't expect an
apostrophe. A spreadsheet may read that as the number 14155550123, without losing a digit. With
"Format quoted field as text" (LibreOffice) or the column type Text (Excel), it keeps the plus too
(docs/operations.md).
"""

import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, Error
from django.db.models import QuerySet
from django.dispatch import Signal
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from search import slow_searches
from search.answering.list_actions import ticked
from search.answering.list_pages import Listing
from search.language.errors import QueryError
from search.limits import time_limit
from smscenter.database.replica import reading
from smscenter.database.streaming import stream

Row = TypeVar("Row")
# Each heading, with a function that returns the cell of a row.
Columns = Mapping[str, Callable[[Row], Any]]


@dataclass(frozen=True)
class Prepared:
    """A column that needs more than the row. `prepare` adds it to the query, if it's chosen."""

    read: Callable[[Any], Any]
    prepare: Callable[[QuerySet[Any]], QuerySet[Any]]

    def __call__(self, row: Any) -> Any:
        return self.read(row)


# How formulas begin in spreadsheets, some of which allow white space before it.
FORMULA = re.compile(r"[\t\r\n]|[\s\u200b\ufeff]*[=+\-@＝＋－＠]")
E164 = re.compile(r"\+[1-9][0-9]{1,14}")
# Sent with the `listing` when someone downloads it.
downloaded = Signal()


class _LineBuffer:
    """A file for csv that returns each line instead of storing it."""

    def write(self, line: str) -> str:
        return line


@dataclass(frozen=True)
class PhoneCell:
    """A cell in a column of phone numbers."""

    number: str


def phone(read: Callable[[Row], str | None]) -> Callable[[Row], PhoneCell]:
    """Make a column of phone numbers: `"to": phone(lambda message: message.to)`."""
    return lambda row: PhoneCell(read(row) or "")


def time_zone(_row: object) -> str:
    """Return the name of the time zone of the file's times, as a column of their own."""
    return timezone.get_current_timezone_name()


def cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return timezone.localtime(value).isoformat(sep=" ", timespec="seconds")
        case int() | float() | date():
            return str(value)
        case PhoneCell(number):
            return number if E164.fullmatch(number) else _escape_formula(number)
        case _:
            return _escape_formula(str(value))


def _escape_formula(text: str) -> str:
    return f"'{text}" if FORMULA.match(text) else text


def lines(rows: Iterable[Row], columns: Columns[Row], zone: tzinfo | None = None) -> Iterator[str]:
    """Yield the lines of a file, with times in this time zone or the current one."""
    # Quote everything: in some locales, spreadsheets split cells at semicolons instead of commas.
    write = csv.writer(_LineBuffer(), quoting=csv.QUOTE_ALL).writerow
    yield "\ufeff" + write(list(columns))  # makes spreadsheets read it as UTF-8
    for row in rows:
        # A download is streamed after its request, when the user's time zone is no longer active.
        with timezone.override(zone) if zone else nullcontext():
            cells = [cell(read(row)) for read in columns.values()]
        yield write(cells)


def response(listing: Listing) -> HttpResponse | StreamingHttpResponse:
    """Return all rows as a download in the order of the page, or a page with the error."""
    try:
        rows = _start_reading(listing)
    except QueryError as error:
        context = {"listing": listing, "problem": error.problem}
        failed = render(listing.request, "search/export_failed.html", context, status=422)
        return slow_searches.marked(failed, error.problem)
    downloaded.send(sender=listing.kind.model, listing=listing)
    return StreamingHttpResponse(
        lines(rows, listing.exported, timezone.get_current_timezone()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{listing.kind.label}.csv"'},
    )


def _start_reading(listing: Listing) -> Iterator[Any]:
    """Return the rows, after looking for the first. Raises QueryError."""
    if listing.problem:
        raise QueryError(listing.problem, listing.text)
    rows = _in_slot(listing)
    next(rows)
    return rows


def _in_slot(listing: Listing) -> Iterator[Any]:
    """Yield None after looking for the first row, and then the rows.

    Reading starts after the request, because all of it is one transaction, and what the request
    has stored must stay if the client stops the download. A download occupies a thread until its
    end, like a slow search.
    """
    with slow_searches.slots.take(listing.user, listing.text):
        found = _found(listing)
        with _limit(listing):
            list(found[:1])
        database = reading.alias()
        yield None
        yield from _limited(listing, found, database)


def _found(listing: Listing) -> QuerySet[Any]:
    ids = ticked(listing.parameters)
    rows = listing.limited_rows if ids is None else listing.visible.filter(pk__in=ids)
    found = listing.order.apply(rows)
    for column in listing.exported.values():
        if isinstance(column, Prepared):
            found = column.prepare(found)
    return found


def _limit(listing: Listing) -> AbstractContextManager[None]:
    """Return the time limit of a row. PostgreSQL has one of its own, STATEMENT_TIMEOUT_SECONDS."""
    is_limited = reading.connection().vendor == "sqlite"
    return time_limit("export" if is_limited else math.inf, listing.text)


def _limited(listing: Listing, found: QuerySet[Any], database: str) -> Iterator[Any]:
    """Yield the rows, each of which must be found within the time limit.

    If the replica fails, the rest is read from the primary.
    """
    order = listing.order
    last: Any = None
    read = stream(found)
    while True:
        try:
            # A download is read after its request.
            with reading.reading_from(database), _limit(listing):
                row = next(read, None)
        except Error as error:
            if database == DEFAULT_DB_ALIAS or not reading.gave_up(error):
                raise
            database = DEFAULT_DB_ALIAS
            rest = found if last is None else found.filter(order.beyond(found, order.cursor(last)))
            read = stream(rest)
            continue
        if row is None:
            return
        yield row
        last = row
