"""The rows of a file, one JSON line each, so that reading can continue at any offset.

CSV, in whatever encoding, and workbooks become the same: `[number, [cell, …]]`, where the number is
that of the row in a spreadsheet.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from django.core.files.base import File

from leads.models import LeadImport

SUFFIX = ".rows"


@dataclass(frozen=True)
class Row:
    number: int
    cells: list[str]


@dataclass(frozen=True)
class Batch:
    """Rows, and where those after them begin."""

    rows: list[Row]
    end: int


def path(job: LeadImport) -> str:
    return f"{job.file.name}{SUFFIX}"


def lines(rows: Iterable[tuple[int, list[str]]]) -> Iterator[bytes]:
    """Yield the line of each row that isn't empty."""
    for number, cells in rows:
        if any(cells):
            yield json.dumps([number, cells], ensure_ascii=False).encode() + b"\n"


def store(job: LeadImport, file: IO[bytes]) -> None:
    """Store the rows of a file, in place of what was read before."""
    job.file.storage.delete(path(job))
    job.file.storage.save(path(job), File(file))


def exist(job: LeadImport) -> bool:
    return job.file.storage.exists(path(job))


def read(job: LeadImport, offset: int, limit: int) -> Batch:
    """Return up to `limit` rows from this offset."""
    with job.file.storage.open(path(job)) as file:
        file.seek(offset)
        rows = [_row(line) for line in islice(_lines(file), limit)]
        return Batch(rows, file.tell())


def each(job: LeadImport) -> Iterator[Row]:
    """Yield all rows, without the header."""
    with job.file.storage.open(path(job)) as file:
        for line in islice(_lines(file), 1 if job.has_header else 0, None):
            yield _row(line)


def first_offset(job: LeadImport) -> int:
    """Return where the rows below the header begin."""
    return read(job, 0, 1).end if job.has_header else 0


def delete(job: LeadImport) -> None:
    """Delete the file and its rows."""
    if job.file.name:
        job.file.storage.delete(path(job))
        job.file.storage.delete(job.file.name)


def _lines(file: Any) -> Iterator[bytes]:
    # Unlike `for line in file`, this keeps `tell` right.
    return iter(file.readline, b"")


def _row(line: bytes) -> Row:
    number, cells = json.loads(line)
    return Row(number, cells)
