"""Read the rows of a file as values, and say what's wrong with each."""

from collections.abc import Iterable, Sequence
from typing import Any

from leads.imports import lead_columns, values
from leads.imports.columns import NEW, CellError, Column, Context, Parsed, Problem
from leads.imports.kinds import kind_of
from leads.imports.rows import Row
from leads.models import LeadImport

REPLACED = "\N{REPLACEMENT CHARACTER}"


class Parser:
    """Parses the rows of one import, with the organization's statuses and people of now."""

    def __init__(self, job: LeadImport) -> None:
        self.kind = kind_of(job)
        self.is_strict = job.is_strict
        self.width = len(job.header)
        self.context = Context.of(job)
        known = {column.key: column for column in self.kind.columns(job)}
        self.columns: list[tuple[int, Column]] = []
        for index, key in enumerate(job.columns):
            if key.startswith(NEW):
                self.columns.append((index, _of_new_field(job, index)))
            elif key in known:
                self.columns.append((index, known[key]))

    def parse(self, rows: Iterable[Row]) -> list[Parsed]:
        return [self._row(row) for row in rows]

    def _row(self, row: Row) -> Parsed:
        parsed = Parsed(row.number, {}, [])
        if len(row.cells) > self.width and any(row.cells[self.width :]):
            parsed.problems.append(_too_many(row.cells, self.width))
            return parsed
        for index, column in self.columns:
            if index < len(row.cells) and not values.is_nothing(row.cells[index]):
                self._cell(parsed, index, column, row.cells[index])
        self.kind.check(parsed)
        if self.is_strict:
            for problem in parsed.problems:
                problem.is_fatal = True
        return parsed

    def _cell(self, parsed: Parsed, index: int, column: Column, cell: str) -> None:
        if values.SHEET_ERROR.fullmatch(cell):
            problem = Problem("sheet_error", "An error in the spreadsheet.", index, cell)
            parsed.problems.append(problem)
            return
        if REPLACED in cell:
            message = "Has unreadable characters. Check the encoding of the file."
            parsed.problems.append(Problem("characters", message, index, cell[:200]))
            return
        try:
            _put(parsed.values, column, column.clean(cell, self.context))
        except CellError as error:
            parsed.problems.append(Problem(error.code, str(error)[:200], index, cell[:200]))


def _put(found: dict[str, Any], column: Column, value: Any) -> None:
    """Store a value. If two columns of the file are the same thing, the first value counts."""
    if column.is_many:
        found.setdefault(column.key, []).extend(value)
    else:
        found.setdefault(column.key, value)


def _of_new_field(job: LeadImport, index: int) -> Column:
    row = lead_columns.new_field(job, index)
    return Column(f"{NEW}{index}", row.name, values.custom(row))


def _too_many(cells: Sequence[str], width: int) -> Problem:
    message = f"Has {len(cells)} values, but the file has {width} columns."
    return Problem("too_many", message, None, cells[width][:200], is_fatal=True)
