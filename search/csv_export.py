"""A result as CSV, streamed: a million rows need no more memory than a thousand."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from datetime import datetime, tzinfo
from typing import Any, TypeVar

from django.http import StreamingHttpResponse
from django.utils import timezone

from search.listing import Listing

Row = TypeVar("Row")
# Headings, each with what reads its cell of a row.
Columns = Mapping[str, Callable[[Row], Any]]

# A spreadsheet takes a cell that begins with one of these for a formula, and runs it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CHUNK = 2_000


class _Echo:
    """What csv writes to: it answers the line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(sep=" ", timespec="seconds")
    text = str(value)
    harmless = isinstance(value, int | float)
    return f"'{text}" if text.startswith(FORMULA) and not harmless else text


def lines(rows: Iterable[Row], columns: Columns[Row], zone: tzinfo | None = None) -> Iterator[str]:
    """Return a file line by line, its times in this time zone or else the current one."""
    # All in quotes: what a comma parts for us, a semicolon parts for a spreadsheet elsewhere.
    write = csv.writer(_Echo(), quoting=csv.QUOTE_ALL).writerow
    yield "\ufeff" + write(list(columns))  # spreadsheets take it for UTF-8 then
    for row in rows:
        # A download is written after its request: the reader's time zone isn't current any more.
        with timezone.override(zone) if zone else nullcontext():
            cells = [cell(read(row)) for read in columns.values()]
        yield write(cells)


def response(listing: Listing, columns: Columns[Any]) -> StreamingHttpResponse:
    """A download of all that was asked for, in the order of the page."""
    rows = listing.order.apply(listing.chosen).iterator(chunk_size=CHUNK)
    return StreamingHttpResponse(
        lines(rows, columns, timezone.get_current_timezone()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{listing.kind.label}.csv"'},
    )
