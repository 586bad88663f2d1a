"""Read the first sheet of an XLSX workbook: its values, never its formulas, links, or macros."""

import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BytesIO
from itertools import islice
from typing import Any

from smscenter.inspection.verdict import Refused, Verdict

MOST_UNPACKED = 1024 * 1024 * 1024
MOST_COLUMNS = 200
LONGEST_CELL = 10_000


def rows(content: bytes) -> Iterator[bytes]:
    """Yield `[number, [cell, …]]` as a line of JSON for each row that isn't empty.

    Raises Refused.
    """
    from openpyxl import load_workbook

    _check(content)
    try:
        book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # What a sheet says about its size can be wrong, or made up.
        sheet.reset_dimensions()
        for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
            cells = [_text(value) for value in islice(values, MOST_COLUMNS)]
            if any(cells):
                yield json.dumps([number, cells], ensure_ascii=False).encode() + b"\n"
    except MemoryError:
        raise
    except Exception as error:
        raise Refused(Verdict.DAMAGED_WORKBOOK) from error


def _check(content: bytes) -> None:
    """Refuse what isn't a workbook, and one that unpacks to far more than a table needs."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            files = archive.infolist()
    except zipfile.BadZipFile as error:
        raise Refused(Verdict.DAMAGED_WORKBOOK) from error
    if sum(file.file_size for file in files) > MOST_UNPACKED:
        raise Refused(Verdict.TOO_COMPLEX)
    if not any(file.filename.startswith("xl/") for file in files):
        raise Refused(Verdict.DAMAGED_WORKBOOK)


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value)[:LONGEST_CELL].strip()
