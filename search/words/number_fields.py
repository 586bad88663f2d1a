"""Search fields that hold numbers: columns, and counts of related rows."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.db.models.expressions import Combinable

from search.language.errors import Code
from search.language.tree import Value
from search.words.columns import CountColumn
from search.words.context import SearchContext
from search.words.descriptions import COMPARED, Clause, join_words, pluralize
from search.words.fields import (
    NOTHING,
    ORDERING,
    SAMENESS,
    Field,
    Impossible,
    ReadingError,
    Replacement,
    any_of,
)
from search.words.text_fields import TextField

LARGEST = 2**53
PLAIN_NUMBER = re.compile(r"-?\$?\d+(?:\.\d+)?(?:\.\.\d+(?:\.\d+)?)?")


def read_number(text: str) -> float:
    """Return the number in a text. Raises ReadingError."""
    try:
        number = float(text.strip().replace(",", "").removeprefix("$"))
    except ValueError:
        number = math.nan
    if not abs(number) <= LARGEST or "_" in text:
        what = "a number" if math.isnan(number) else "a number that search supports"
        hint = "Try 5, 2.5, 10..20, or ..5."
        raise ReadingError(Code.BAD_NUMBER, f"“{text}” isn't {what}.", hint)
    return number


@dataclass(frozen=True)
class NumberField(Field):
    kind = "number"
    operators: Sequence[str] = ORDERING
    is_whole: bool = True
    is_count: bool = False  # the interpretation is "more than 1 segment"

    def matching(self, operator: str, value: Value, context: SearchContext) -> Q:
        if value.range and operator in {":", "=", "!="}:
            return self._in_range(context, *value.range)
        number = read_number(value.text)
        whole = int(number) if number.is_integer() else None
        if not self.is_whole:
            return self._compared(context, operator, number)
        if whole is not None:
            return self._compared(context, operator, whole)
        # Round between whole numbers: `> 1.5` is `>= 2`.
        if operator in {"<", "<="}:
            return self._compared(context, "<=", math.floor(number))
        return (
            self._compared(context, ">=", math.ceil(number)) if operator in {">", ">="} else NOTHING
        )

    def _in_range(self, context: SearchContext, low: str, high: str) -> Q:
        if not low and not high:
            raise ReadingError(Code.BAD_NUMBER, "Add a number to this range, for example `10..20`.")
        q = Q()
        if low:
            q &= self._compared(context, ">=", self._bound(low, math.ceil))
        if high:
            q &= self._compared(context, "<=", self._bound(high, math.floor))
        return q

    def replacements(
        self, text: str, operator: str, context: SearchContext, *, exact: bool
    ) -> Sequence[Replacement]:
        """Suggest 1 for `1;` and `'1'`."""
        plain = text.strip("'`;, ").replace(",", "")
        return [Replacement(plain)] if plain != text and PLAIN_NUMBER.fullmatch(plain) else []

    def impossible(self, operator: str, value: Value, context: SearchContext) -> Impossible | None:
        if value.range and all(value.range):
            low, high = value.range
            if read_number(low) > read_number(high):
                return f"“{low}..{high}” is backwards, so it matches nothing.", [f"{high}..{low}"]
            return None
        if value.range or operator not in {":", "=", "!="} or not self.is_whole:
            return None
        number = read_number(value.text)
        if number % 1:
            near = [str(math.floor(number)), str(math.ceil(number))]
            return f"“{self.name}” is always a whole number, so it's never {value.text}.", near
        return None

    def _bound(self, text: str, to_whole: Any) -> float:
        number = read_number(text)
        return to_whole(number) if self.is_whole else number

    def _compared(self, context: SearchContext, operator: str, number: float) -> Q:
        lookup = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}.get(operator, "exact")
        return self.column.q(lookup, number, context)

    def describe(self, operator: str, values: Sequence[Value], context: SearchContext) -> Clause:
        described = join_words(self._describe(value) for value in values)
        compared = COMPARED.get(operator, "")
        if self.is_count:
            if operator in SAMENESS and described == "0":
                return Clause("has", f"no {self.display_name}")
            return Clause("has", f"{compared} {pluralize(described, self.display_name)}".strip())
        return Clause("has", f"{self.display_name} {compared} {described}".replace("  ", " "))

    def _describe(self, value: Value) -> str:
        low, high = value.range or ("", "")
        if low and high:
            return f"{low} to {high}"
        return f"at least {low}" if low else f"at most {high}" if high else value.text


@dataclass(frozen=True)
class FractionField(NumberField):
    """A number that can have decimals."""

    is_whole: bool = False


@dataclass(frozen=True)
class StoredCountField(NumberField):
    """A number of related rows, stored in a column of the row.

    `implied` is the condition of a partial index, which has the rows above `implied_above`. SQLite
    uses the index only if the query has it.
    """

    implied: Q = field(default_factory=Q)
    implied_above: int = 0
    is_count: bool = True

    def _compared(self, context: SearchContext, operator: str, number: float) -> Q:
        q = super()._compared(context, operator, number)
        least = self.implied_above
        is_above = (operator == ">" and number >= least) or (operator in "=:>=" and number > least)
        return q & self.implied if self.implied and is_above else q

    def filled(self, context: SearchContext) -> Q:
        return self._compared(context, ">", 0)

    def describe_filled(self) -> Clause:
        return Clause("has", self.display_name)


@dataclass(frozen=True)
class RelatedCountField(StoredCountField):
    """A number of related rows, counted by the database."""

    column: CountColumn


@dataclass(frozen=True)
class CountOrTextField(Field):
    """A field that reads `contacts > 1` as a count, and `contacts:ada` as text."""

    count: StoredCountField = field(kw_only=True)
    text: TextField = field(kw_only=True)

    kind = "number or text"
    operators: Sequence[str] = ORDERING

    def _for(self, operator: str, value: Value) -> Field:
        if operator in {"<", "<=", ">", ">="} or value.range:
            return self.count
        is_number = value.text.replace(",", "").isdecimal() and not value.quoted
        return self.count if is_number else self.text

    def q(self, operator: str, value: Value, context: SearchContext) -> Q:
        return self._for(operator, value).q(operator, value, context)

    def q_in(self, values: Sequence[Value], context: SearchContext) -> Q:
        return any_of([self.q("=", value, context) for value in values])

    def replacements(
        self, text: str, operator: str, context: SearchContext, *, exact: bool
    ) -> Sequence[Replacement]:
        return self.count.replacements(text, operator, context, exact=exact)

    def impossible(self, operator: str, value: Value, context: SearchContext) -> Impossible | None:
        return self._for(operator, value).impossible(operator, value, context)

    def has(self, context: SearchContext) -> Q:
        return self.count.has(context)

    def order(self, context: SearchContext) -> Combinable:
        return self.count.order(context)

    def describe(self, operator: str, values: Sequence[Value], context: SearchContext) -> Clause:
        return self._for(operator, values[0]).describe(operator, values, context)

    def describe_filled(self) -> Clause:
        return self.count.describe_filled()
