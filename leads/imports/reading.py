"""Read an uploaded file into rows, whatever its format, encoding, and delimiter."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any

from django.db import transaction

from leads.imports import encodings, guessing, rows
from leads.models import LeadImport
from smscenter.inspection.file_types import WORKBOOK, detect
from smscenter.inspection.workbook import LONGEST_CELL, MOST_COLUMNS

State = LeadImport.State

SAMPLE = 5
# Values, from which kinds of new custom fields are guessed.
GUESSED_FROM = 200
NOT_A_TABLE = "This file isn't a CSV file or an Excel workbook (XLSX)."
EMPTY = "This file has no rows."


class ReadError(Exception):
    """The file can't be read. The message is for the person who uploaded it."""


def read(job: LeadImport) -> None:
    """Read the file, and go on to its columns."""
    try:
        with job.file.storage.open(str(job.file.name)) as file, TemporaryFile() as stored:
            total = _read_into(stored, job, file)
            stored.seek(0)
            rows.store(job, stored)
        _describe(job, total)
    except ReadError as error:
        job.state, job.problem = State.UNREADABLE, str(error)
    fields = ["state", "problem", "encoding", "delimiter", "total", "has_header", "header"]
    fields += ["header_key", "sample", "columns"]
    with transaction.atomic():
        # Unless someone discarded it, or another worker read it.
        if LeadImport.objects.filter(pk=job.pk, state=State.READING).select_for_update().exists():
            job.save(update_fields=fields)


def _read_into(stored: IO[bytes], job: LeadImport, file: IO[bytes]) -> int:
    """Write the rows of a file, and return their number."""
    if detect(file, [WORKBOOK]):
        return _read_workbook(stored, file)
    total = 0
    for line in rows.lines(_csv_rows(job, file)):
        stored.write(line)
        total += 1
    return total


def _read_workbook(stored: IO[bytes], file: IO[bytes]) -> int:
    file.seek(0)
    stored.writelines(file)
    try:
        WORKBOOK.inspect(stored)
    except ValueError as error:
        sentence = str(error)
        raise ReadError(sentence[0].upper() + sentence[1:]) from error
    stored.seek(0)
    return sum(1 for _ in stored)


def _csv_rows(job: LeadImport, file: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV file. Set its encoding and delimiter, unless someone chose them."""
    job.encoding = job.encoding or encodings.encoding_of(file)
    file.seek(0)
    text = io.TextIOWrapper(file, job.encoding, errors="replace", newline="")
    begin = list(islice(text, encodings.SAMPLE_LINES))
    if "\0" in "".join(begin):
        raise ReadError(NOT_A_TABLE)
    job.delimiter = job.delimiter or encodings.delimiter_of(begin)
    is_marked = bool(begin and encodings.SEPARATOR_LINE.fullmatch(begin[0]))
    text.seek(0)
    lines = (line.replace("\0", "") for line in text)
    yield from _table(islice(lines, int(is_marked), None), job.delimiter)


def _table(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    number = 0
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=delimiter), 1):
            yield number, [_clean(cell) for cell in cells[:MOST_COLUMNS]]
    except csv.Error as error:
        raise ReadError(
            f"This file can't be read after row {number:,}. Look for a quotation mark that isn't "
            "closed."
        ) from error


def _clean(cell: str) -> str:
    """Return a cell without the apostrophe that exports put in front of formulas."""
    cell = cell.strip()[:LONGEST_CELL]
    return cell[1:] if cell[:1] == "'" and cell[1:2] in set("=+-@") else cell


def _describe(job: LeadImport, total: int) -> None:
    """Guess what the columns are, from an earlier import or from the header and the values."""
    first = [row.cells for row in rows.read(job, 0, GUESSED_FROM).rows]
    if not first:
        raise ReadError(EMPTY)
    job.has_header = guessing.is_header(job, first)
    describe_columns(job, first, total)
    job.state, job.problem = State.MAPPING, ""


def _width(cells: list[str]) -> int:
    """Return the number of cells up to the last one that isn't empty."""
    return max((n for n, cell in enumerate(cells, 1) if cell), default=0)


def describe_columns(job: LeadImport, first: list[list[str]], total: int) -> None:
    names = first[0] if job.has_header else []
    # A row with more values than columns is a problem of that row.
    width = _width(names) or Counter(map(_width, first)).most_common(1)[0][0]
    job.header = [*names[:width], *[""] * (width - len(names))]
    job.header_key = sha256(
        "\n".join(guessing.words(name) for name in job.header).encode()
    ).hexdigest()
    body = first[1:] if job.has_header else first
    job.sample = body[:SAMPLE]
    job.total = total - int(job.has_header)
    job.columns = guessing.columns(job, body)


def turn_header(job: LeadImport, *, has_header: bool) -> None:
    """Read the first row as column names or as data, as someone chose."""
    if has_header == job.has_header:
        return
    total = job.total + int(job.has_header)
    job.has_header = has_header
    describe_columns(job, [row.cells for row in rows.read(job, 0, GUESSED_FROM).rows], total)
