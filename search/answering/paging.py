"""Keyset pagination: page 1000 is as fast as page 1.

A cursor is the key of a row as text: the values of the ordered columns, then the ID. A page begins
after or before it. Measured: OFFSET slows down with the page number, and so does `a < x OR (a = x
AND id < y)`, which can't bound an index range. So the condition is `a <= x AND (a < x OR id < y)`.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Generic, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable, OrderBy
from django.utils import timezone

Row = TypeVar("Row", bound=models.Model)


class CursorError(ValueError):
    """The text isn't a cursor of this order: it was edited, or is from an older version."""


@dataclass(frozen=True)
class Key:
    """A column or expression with a direction. Rows without a value come last."""

    expression: str | Combinable
    descending: bool = False
    nullable: bool = False
    nulls_first: bool = False

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
                else Key(name.expression, name.descending, nullable=True)
                for name in names[:-1]
            )
        )

    @property
    def all_keys(self) -> tuple[Key, ...]:
        return (*self.keys, Key("id", self.keys[-1].descending))

    def reversed(self) -> Self:
        return replace(self, keys=tuple(key.reversed() for key in self.keys))

    def apply(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Order rows. Each row gets its key as attributes: `_key_0` and so on."""
        named = {
            f"_key_{index}": F(key.expression)
            if isinstance(key.expression, str)
            else key.expression
            for index, key in enumerate(self.keys)
        }
        rows = rows.annotate(**named)
        names = [*named, "id"]
        return rows.order_by(
            *(key.order_by(name) for key, name in zip(self.all_keys, names, strict=True))
        )

    def beyond(self, rows: QuerySet[Any], cursor: str) -> Q:
        """Return the condition for rows after this cursor. Raises CursorError."""
        return self._after(self._read(rows, cursor))

    def _after(self, values: Sequence[Any], skip: int = 0) -> Q:
        """Return the condition for rows after these values, if they're the same in `skip` keys."""
        keys, names, values = self.all_keys[skip:], self._names[skip:], values[skip:]
        same, beyond = Q(), Q(pk__in=[])
        for key, name, value in zip(keys, names, values, strict=True):
            if (further := key.beyond(name, value)) is not None:
                beyond |= same & further
            same &= key.same(name, value)
        first = keys[0]
        if first.nullable or values[0] is None:
            return beyond
        return Q(**{f"{names[0]}__{'lte' if first.descending else 'gte'}": values[0]}) & beyond

    def first_rows(self, rows: QuerySet[Row], cursor: str, number: int) -> list[Row]:
        """Return this many rows, after a cursor if there is one. Raises CursorError."""
        ordered = self.apply(rows)
        values = self._read(ordered, cursor) if cursor else None
        found = ordered.filter(self._after(values)) if values else ordered
        key, name = self.keys[0], self._names[0]
        common = getattr(rows.model, "COMMON_VALUES", {}).get(key.expression)
        if common is None or (values and values[0] is None):
            return list(found[:number])
        # How far the cursor is past the common value, in this order.
        past = (values[0] - common) * (-1 if key.descending else 1) if values else -1
        sooner, later = ("gt", "lt") if key.descending else ("lt", "gt")
        others = found.exclude(**{name: common})
        parts = [others.filter(**{f"{name}__{later}": common})]
        if past <= 0:
            rest = self._after(values, skip=1) if values and not past else Q()
            parts.append(ordered.filter(rest, **{name: common}))
        if past < 0:
            parts.append(others.filter(**{f"{name}__{sooner}": common}))
        page: list[Row] = []
        while parts and len(page) < number:
            page += parts.pop()[: number - len(page)]
        return page

    def cursor(self, row: models.Model) -> str:
        """Return the cursor of a row that `apply` ordered."""
        values = [getattr(row, name) for name in self._names]
        return urlsafe_b64encode(json.dumps(values, default=_text).encode()).decode().rstrip("=")

    @property
    def _names(self) -> list[str]:
        return [*(f"_key_{index}" for index in range(len(self.keys))), "id"]

    def _read(self, rows: QuerySet[Any], cursor: str) -> list[Any]:
        try:
            values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            fields = [rows.query.annotations[name].output_field for name in self._names[:-1]]
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
class Page(Generic[Row]):
    """A page of rows, and the cursors of the next and the previous page, empty if none."""

    rows: list[Row]
    after: str
    before: str


def page_of(
    rows: QuerySet[Row], order: Order, *, after: str = "", before: str = "", size: int = 50
) -> Page[Row]:
    """Return the page after or before a cursor, or the first page. Raises CursorError."""
    backwards = bool(before) and not after
    reading = order.reversed() if backwards else order
    page = reading.first_rows(rows, before if backwards else after, size + 1)
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
