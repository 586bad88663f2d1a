"""What's wrong with the rows of a file, for its page and as a file of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Count

from leads.imports import rows
from leads.imports.rows import Row
from leads.models import ImportProblem, LeadImport
from search.answering import csv_export
from smscenter.database.streaming import stream

LABELS = {
    "phone": "Phone numbers",
    "email": "Email addresses",
    "url": "Web addresses",
    "status": "Unknown statuses",
    "owner": "Unknown owners",
    "country": "Countries",
    "number": "Numbers",
    "date": "Dates",
    "choice": "Unknown choices",
    "too_long": "Too long",
    "too_many": "Too many values in a row",
    "nothing": "Rows without a name, phone, or email",
    "sheet_error": "Spreadsheet errors",
    "characters": "Unreadable characters",
    "consent": "Consent",
    "refused": "Refused by the database",
}


@dataclass(frozen=True)
class Line:
    """A kind of problem, and how many there are."""

    code: str
    label: str
    number: int


@dataclass(frozen=True)
class BadRow:
    """A row of the file with its problems."""

    row: Row
    problems: list[ImportProblem]


def lines(job: LeadImport) -> list[Line]:
    """Return the kinds of problems, the most frequent first."""
    found = job.problems.order_by().values_list("code").annotate(number=Count("pk"))
    return sorted(
        (Line(code, LABELS.get(code, code), number) for code, number in found),
        key=lambda line: (-line.number, line.label),
    )


def bad_rows(job: LeadImport, *, only_rejected: bool) -> Iterator[BadRow]:
    """Yield the rows with problems as they are in the file, or only those that were left out."""
    problems = ImportProblem.objects.filter(lead_import=job)
    if only_rejected:
        fatal = problems.filter(is_fatal=True).values("number")
        problems = problems.filter(number__in=fatal)
    by_number = groupby(stream(problems.order_by("number", "pk")), lambda each: each.number)
    file = rows.each(job)
    for number, found in by_number:
        row = next((row for row in file if row.number >= number), None)
        if row is not None and row.number == number:
            yield BadRow(row, list(found))


def columns(job: LeadImport) -> csv_export.Columns[BadRow]:
    """Return the columns of the file, and what's wrong, for a file that can be imported again."""
    found: dict[str, Any] = {}
    for index, name in enumerate(job.header):
        heading = name or f"Column {index + 1}"
        while heading in found:
            heading += " 2"
        found[heading] = lambda bad, index=index: _cell(bad.row, index)
    return found | {
        "Row in the file": lambda bad: bad.row.number,
        "Problems": lambda bad: " ".join(_sentence(job, each) for each in bad.problems),
    }


def _cell(row: Row, index: int) -> str:
    return row.cells[index] if index < len(row.cells) else ""


def _sentence(job: LeadImport, problem: ImportProblem) -> str:
    if problem.column is None:
        return problem.message
    return f"{job.header[problem.column] or f'Column {problem.column + 1}'}: {problem.message}"
