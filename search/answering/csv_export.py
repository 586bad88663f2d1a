"""A result as CSV, streamed: a million rows need no more memory than a thousand.

A spreadsheet runs a cell that looks like a formula, so such free text gets an apostrophe in front.
What a column is for decides: phone numbers, dates and numbers are written by us and stay as they
are, because programs read E.164 as `+14155550123` and know nothing of an apostrophe. A spreadsheet
that guesses takes that for the number 14155550123: no digit is lost, and with "Format quoted field
as text" (LibreOffice) or the column type Text (Excel) the plus is kept too (docs/operations.md).
"""

import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import chain
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from search.answering.list_pages import Listing
from search.language.errors import QueryError
from search.limits import time_limit

Row = TypeVar("Row")
# Headings, each with what reads its cell of a row.
Columns = Mapping[str, Callable[[Row], Any]]

# What spreadsheets take for the beginning of a formula, some of them behind white space too.
FORMULA = re.compile(r"[\t\r\n]|[\s\u200b\ufeff]*[=+\-@＝＋－＠]")
E164 = re.compile(r"\+[1-9][0-9]{1,14}")
CHUNK = 2_000


class _LineBuffer:
    """What csv writes to: it answers the line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


@dataclass(frozen=True)
class PhoneCell:
    """What stands in a column of phone numbers."""

    number: str


def phone(read: Callable[[Row], str | None]) -> Callable[[Row], PhoneCell]:
    """Return what reads a phone number's cell: `"to": phone(lambda message: message.to)`."""
    return lambda row: PhoneCell(read(row) or "")


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
    """Return a file line by line, its times in this time zone or else the current one."""
    # All in quotes: what a comma parts for us, a semicolon parts for a spreadsheet elsewhere.
    write = csv.writer(_LineBuffer(), quoting=csv.QUOTE_ALL).writerow
    yield "\ufeff" + write(list(columns))  # spreadsheets take it for UTF-8 then
    for row in rows:
        # A download is written after its request: the reader's time zone isn't current any more.
        with timezone.override(zone) if zone else nullcontext():
            cells = [cell(read(row)) for read in columns.values()]
        yield write(cells)


def response(listing: Listing, columns: Columns[Any]) -> HttpResponse | StreamingHttpResponse:
    """A download of all that was asked for, in the order of the page; or what is wrong with it."""
    try:
        rows = _start_reading(listing)
    except QueryError as error:
        context = {"listing": listing, "problem": error.problem}
        return render(listing.request, "search/export_failed.html", context, status=422)
    return StreamingHttpResponse(
        lines(rows, columns, timezone.get_current_timezone()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{listing.kind.label}.csv"'},
    )


def _start_reading(listing: Listing) -> Iterator[Any]:
    """The rows, the first of which is there. Raises QueryError."""
    if listing.problem:
        raise QueryError(listing.problem, listing.text)
    rows = _limited(listing)
    first = next(rows, None)
    return iter(()) if first is None else chain([first], rows)


def _limited(listing: Listing) -> Iterator[Any]:
    """The rows, none of which takes longer to find than a whole page may."""
    rows = listing.order.apply(listing.limited_rows).iterator(chunk_size=CHUNK)
    on_sqlite = connection.vendor == "sqlite"
    while True:
        # PostgreSQL's cursor would end with the transaction of a time limit, and its connections
        # have a limit of their own.
        limit = settings.SEARCH_TIMEOUT_SECONDS if on_sqlite else math.inf
        with time_limit(limit, listing.text):
            row = next(rows, None)
        if row is None:
            return
        yield row
