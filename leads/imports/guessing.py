"""Guess what the columns of a file are."""

import re
from collections.abc import Sequence

from leads.imports.columns import Column
from leads.imports.kinds import kind_of
from leads.imports.values import is_nothing
from leads.models import LeadImport

# Values of which most must look like a phone number, say.
MOST = 0.7


def words(header: str) -> str:
    """Return a header in the form of `Column.names`: `Phone_Number:` is `phone number`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    return " ".join(re.sub(r"[\W_]+", " ", spaced).casefold().split())


def is_header(job: LeadImport, rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row has column names: known ones, or no values."""
    first = [cell for cell in rows[0] if cell]
    known = {name for column in kind_of(job).columns(job) for name in column.names}
    if any(words(cell) in known for cell in first):
        return True
    tests = [column.looks_like for column in kind_of(job).columns(job) if column.looks_like]
    return not any(test(cell) or cell.isdecimal() for cell in first for test in tests)


def columns(job: LeadImport, body: Sequence[Sequence[str]]) -> list[str]:
    """Return what each column of the file is: as last time, by its name, or by its values."""
    known = kind_of(job).columns(job)
    earlier = LeadImport.objects.with_columns_like(job) if job.has_header else None
    if earlier and len(earlier.columns) == len(job.header):
        keys = {column.key for column in known}
        return [key if key in keys else "" for key in earlier.columns]
    found = [""] * len(job.header)
    for column in known:
        _take(column, job.header, found)
    for index in range(len(found)):
        found[index] = found[index] or _by_values(known, found, _cells(body, index))
    return found


def _take(column: Column, header: Sequence[str], found: list[str]) -> None:
    """Give the column its best place in the file, or each if it can have several."""
    names = [words(name) for name in header]
    for wanted in column.names:
        for index, name in enumerate(names):
            if name == wanted and not found[index]:
                found[index] = column.key
                if not column.is_many:
                    return


def _by_values(known: Sequence[Column], found: Sequence[str], cells: Sequence[str]) -> str:
    for column in known:
        is_free = column.is_many or column.key not in found
        if column.looks_like and is_free and cells:
            matching = sum(column.looks_like(cell) for cell in cells)
            if matching >= MOST * len(cells):
                return column.key
    return ""


def _cells(body: Sequence[Sequence[str]], index: int) -> list[str]:
    cells = [row[index] for row in body if index < len(row)]
    return [cell for cell in cells if not is_nothing(cell)]
