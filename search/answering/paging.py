"""Keyset pagination: page 1000 is as fast as page 1.

A cursor is the key of a row as text: the values of the ordered columns, then the ID. A page begins
after or before it. Measured: OFFSET slows down with the page number, and so does `a < x OR (a = x
AND id < y)`, which can't bound an index range. So the condition is `a <= x AND (a < x OR id < y)`.

If nearly all rows have one of a few values in a column, an index of it would cost each row an entry
for next to nothing. Such a list is read in steps: see `Steps`. A model's `ORDER_STEPS` names them.
"""

import json
import math
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Generic, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.lookups import In
from django.utils import timezone

from search.words.parts import FIRST, Parts

Row = TypeVar("Row", bound=models.Model)
PAGE = 50


class CursorError(ValueError):
    """The text isn't a cursor of this order: it was edited, or is from an older version."""


@dataclass(frozen=True)
class Key:
    """A column or expression with a direction. Rows without a value come last."""

    expression: str | Combinable
    descending: bool = False
    nullable: bool = False
    nulls_first: bool = False
    parts: Parts | None = None

    def reversed(self) -> Self:
        return replace(self, descending=not self.descending, nulls_first=not self.nulls_first)

    def order_by(self, name: str) -> OrderBy:
        options = {}
        if self.nullable:
            options = {"nulls_first": True} if self.nulls_first else {"nulls_last": True}
        return F(name).desc(**options) if self.descending else F(name).asc(**options)

    def beyond(self, name: str, value: Any) -> Q | None:
        """Return the condition for values after this one, or None if there can't be any."""
        if value is None:
            return Q(**{f"{name}__isnull": False}) if self.nulls_first else None
        further = Q(**{f"{name}__{'lt' if self.descending else 'gt'}": value})
        if self.nullable and not self.nulls_first:
            return further | Q(**{f"{name}__isnull": True})
        return further

    def same(self, name: str, value: Any) -> Q:
        return Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})


@dataclass(frozen=True)
class Order:
    """An order by these keys, then by ID in the direction of the last key."""

    keys: tuple[Key, ...]

    @classmethod
    def by(cls, column: str, *, descending: bool = False) -> Self:
        """Return an order by one column that is never null."""
        return cls((Key(column, descending),))

    @classmethod
    def of(cls, names: Sequence[str | OrderBy]) -> Self:
        """Convert arguments of `order_by` that end in the ID. Only an OrderBy can be null."""
        return cls(
            tuple(
                Key(name.lstrip("-"), name.startswith("-"))
                if isinstance(name, str)
                else Key(
                    name.expression,
                    name.descending,
                    nullable=True,
                    parts=getattr(name, "parts", None),
                )
                for name in names[:-1]
            )
        )

    @property
    def all_keys(self) -> tuple[Key, ...]:
        return (*self.keys, Key("id", self.keys[-1].descending))

    def reversed(self) -> Self:
        return replace(self, keys=tuple(key.reversed() for key in self.keys))

    def apply(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Order rows. Each row gets its key as attributes: `key_0` and so on."""
        named = {
            f"key_{index}": F(key.expression) if isinstance(key.expression, str) else key.expression
            for index, key in enumerate(self.keys)
        }
        rows = rows.annotate(**named)
        names = [*named, "id"]
        return rows.order_by(
            *(key.order_by(name) for key, name in zip(self.all_keys, names, strict=True))
        )

    def beyond(self, rows: QuerySet[Any], cursor: str, known: int = 0) -> Q:
        """Return the condition for rows after this cursor. Raises CursorError.

        The first `known` keys of these rows are those of the cursor.
        """
        keys, names, values = self.all_keys, self.names, self._read(rows, cursor)
        same, beyond = Q(), Q(pk__in=[])
        for key, name, value in list(zip(keys, names, values, strict=True))[known:]:
            if (further := key.beyond(name, value)) is not None:
                beyond |= same & further
            same &= key.same(name, value)
        first, value = keys[known], values[known]
        if first.nullable or value is None:
            return beyond
        return Q(**{f"{names[known]}__{'lte' if first.descending else 'gte'}": value}) & beyond

    def first_value(self, rows: QuerySet[Any], cursor: str) -> Any:
        """Return the value of the first column in a cursor. Raises CursorError."""
        return self._read(rows, cursor)[0]

    def parts(self, rows: QuerySet[Any], cursor: str) -> Iterator[Q]:
        """Return the first parts of the rows after a cursor, if this order has any."""
        key = self.keys[0]
        start = self.first_value(rows, cursor) if cursor else FIRST
        # Rows without a value are no part.
        if key.parts and not key.nulls_first and start is not None:
            yield from key.parts(start, descending=key.descending)

    def cursor(self, row: Any) -> str:
        """Return the cursor of a row that `apply` ordered."""
        values = [getattr(row, name) for name in self.names]
        return urlsafe_b64encode(json.dumps(values, default=_text).encode()).decode().rstrip("=")

    @property
    def names(self) -> list[str]:
        return [*(f"key_{index}" for index in range(len(self.keys))), "id"]

    def _read(self, rows: QuerySet[Any], cursor: str) -> list[Any]:
        try:
            values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            fields = [rows.query.annotations[name].output_field for name in self.names[:-1]]
            fields.append(rows.model._meta.pk)
            read = [_value(field, value) for field, value in zip(fields, values, strict=True)]
        except (ValueError, TypeError, ValidationError, RecursionError) as error:
            raise CursorError(cursor) from error
        if read[-1] is None or not 0 <= read[-1] < 2**63:
            raise CursorError(cursor)
        return read


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _value(field: Any, value: Any) -> Any:
    """Convert a value with a field. Raises ValueError and what `to_python` raises."""
    # A generated column has the field that it's made of.
    if isinstance(value, list | dict):
        raise TypeError(value)
    read = getattr(field, "output_field", field).to_python(value)
    naive = isinstance(read, datetime) and timezone.is_naive(read)
    hostile = isinstance(read, str) and "\0" in read
    if naive or hostile:
        raise ValueError(value)
    return read


@dataclass(frozen=True)
class Steps:
    """A column of whole numbers of which nearly all rows have one of the consecutive `common` ones.

    Rows with a common value are read by the index of the other columns of the order, where such a
    row is soon found, and all others by a partial index with the condition `rare`.
    """

    column: str
    common: Sequence[int]

    @property
    def rare(self) -> Q:
        return self._below | self._above

    @property
    def _below(self) -> Q:
        return Q(**{f"{self.column}__lt": self.common[0]})

    @property
    def _above(self) -> Q:
        return Q(**{f"{self.column}__gt": self.common[-1]})

    def of(self, rows: QuerySet[Any], order: Order, cursor: str) -> Iterator[Q]:
        """Return the conditions of the steps after a cursor, in this order."""
        at = order.first_value(rows, cursor) if cursor else None
        low, high = self.common[0], self.common[-1]
        # SQLite uses the index only if its condition is in the query. PostgreSQL would expect too
        # few rows, because it takes that for another condition.
        rare = self.rare if connection.vendor == "sqlite" else Q()
        steps = [
            (-math.inf, low - 1, rare & self._below),
            *((value, value, Q(**{self.column: value})) for value in self.common),
            (high + 1, math.inf, rare & self._above),
        ]
        descending = order.keys[0].descending
        for first, last, condition in reversed(steps) if descending else steps:
            if at is None:
                yield condition
            elif first <= at <= last:
                yield condition & order.beyond(rows, cursor, known=int(first == last))
            elif first < at if descending else first > at:
                yield condition


@dataclass(frozen=True)
class Page(Generic[Row]):
    """A page of rows, and the cursors of the next and the previous page, empty if none."""

    rows: list[Row]
    after: str
    before: str


def first_page(found: list[Any], order: Order, size: int = PAGE) -> Page[Any]:
    """Return the first page of ordered rows, of which one more may be given."""
    page = found[:size]
    return Page(page, after=order.cursor(page[-1]) if len(found) > size else "", before="")


def page_of(  # noqa: PLR0913 - what a URL and a list say of a page
    rows: QuerySet[Row],
    order: Order,
    *,
    after: str = "",
    before: str = "",
    size: int = PAGE,
    columns: Sequence[str] = (),
) -> Page[Row]:
    """Return the page after or before a cursor, or the first page. Raises CursorError.

    With `columns`, its rows are named tuples of these columns. They take half as long as models.
    """
    backwards = bool(before) and not after
    reading = order.reversed() if backwards else order
    found = reading.apply(rows)
    if columns:
        found = found.values_list(*columns, *reading.names[:-1], named=True)
    page = _read(found, reading, before if backwards else after, size + 1)
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


def steps_of(rows: QuerySet[Any], order: Order) -> Steps | None:
    """Return the steps in which these rows are read in this order, or None if it's read in one."""
    steps: Mapping[Any, Steps] = getattr(rows.model, "ORDER_STEPS", {})
    return steps.get(order.keys[0].expression)


def _read(rows: QuerySet[Row], order: Order, cursor: str, number: int) -> list[Row]:
    """Return so many of these rows, which are in this order, after a cursor."""
    if steps := steps_of(rows, order):
        return _read_parts(rows, steps.of(rows, order, cursor), number)
    rest = rows.filter(order.beyond(rows, cursor)) if cursor else rows
    parts = iter(()) if _are_few(rows) else order.parts(rows, cursor)
    found = _read_parts(rest, parts, number)
    return found if len(found) == number else list(rest[:number])


def _are_few(rows: QuerySet[Any]) -> bool:
    """Return whether a search looked for these rows, and has all their IDs."""
    return any(
        isinstance(each, In)
        and each.rhs_is_direct_value()
        and getattr(each.lhs, "target", None) == rows.model._meta.pk
        for each in rows.query.where.children
    )


def _read_parts(rows: QuerySet[Row], parts: Iterator[Q], number: int) -> list[Row]:
    """Return this many rows of the first parts, or fewer if they have no more."""
    found: list[Row] = []
    for part in parts:
        found += rows.filter(part)[: number - len(found)]
        if len(found) == number:
            break
    return found
