"""Pages by key: the thousandth page costs what the first one does.

A cursor is the key of a row as text, `<id>_<value of the ordered column>`; a page begins after or
before it. Measured: OFFSET grows with the page number, and so does the form `a < x OR (a = x AND
id < y)`, which cannot bound an index range; hence `a <= x AND (a < x OR id < y)`.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

Row = TypeVar("Row", bound=models.Model)


class CursorError(ValueError):
    """Not a cursor of this order: edited by hand, or kept from before."""


@dataclass(frozen=True)
class Order:
    """By a column that is never null, then by id, both in the same direction."""

    column: str
    descending: bool = False

    @property
    def names(self) -> list[str]:
        return [f"-{name}" if self.descending else name for name in (self.column, "id")]

    def reversed(self) -> Self:
        return replace(self, descending=not self.descending)

    def beyond(self, model: type[models.Model], cursor: str) -> Q:
        """The rows that come after this cursor. Raises CursorError."""
        row_id, value = self._read(model, cursor)
        beyond = "lt" if self.descending else "gt"
        return Q(**{f"{self.column}__{beyond}e": value}) & (
            Q(**{f"{self.column}__{beyond}": value}) | Q(**{f"id__{beyond}": row_id})
        )

    def cursor(self, row: models.Model) -> str:
        value = getattr(row, self.column)
        return f"{row.pk}_{value.isoformat() if isinstance(value, datetime) else value}"

    def _read(self, model: type[models.Model], cursor: str) -> tuple[int, Any]:
        row_id, _, text = cursor.partition("_")
        field: Any = model._meta.get_field(self.column)
        try:
            # A generated column reads like the field that it is made of.
            value = getattr(field, "output_field", field).to_python(text)
            key = int(row_id)
        except (ValueError, ValidationError) as error:
            raise CursorError(cursor) from error
        naive = isinstance(value, datetime) and timezone.is_naive(value)
        if not text or "\0" in text or naive or not 0 <= key < 2**63:
            raise CursorError(cursor)
        return key, value


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list, and the cursors of its neighbours: empty where there is none."""

    rows: list[Row]
    after: str
    before: str


def page_of(
    rows: QuerySet[Row], order: Order, *, after: str = "", before: str = "", size: int = 50
) -> Page[Row]:
    """The page after or before a cursor, or the first one. Raises CursorError."""
    backwards = bool(before) and not after
    reading = order.reversed() if backwards else order
    found = rows.order_by(*reading.names)
    if cursor := before if backwards else after:
        found = found.filter(reading.beyond(rows.model, cursor))
    page = list(found[: size + 1])
    more = len(page) > size
    page = page[:size]
    if backwards:
        page.reverse()
    has_next, has_previous = (True, more) if backwards else (more, bool(after))
    return Page(
        page,
        after=order.cursor(page[-1]) if page and has_next else "",
        before=order.cursor(page[0]) if page and has_previous else "",
    )


COUNT_LIMIT = 10_000


@dataclass(frozen=True)
class Count:
    """How many rows: exact up to COUNT_LIMIT, so that no count reads a whole organization."""

    number: int
    capped: bool

    def __str__(self) -> str:
        return f"{self.number:,}+" if self.capped else f"{self.number:,}"


def count_of(rows: QuerySet[Any]) -> Count:
    number = rows.order_by()[: COUNT_LIMIT + 1].count()
    return Count(min(number, COUNT_LIMIT), number > COUNT_LIMIT)
