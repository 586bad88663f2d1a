"""Search fields that hold phone numbers."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import CharField, Lookup, Q
from django.db.models.lookups import StartsWith

from search.language.errors import Code
from search.language.tree import Value
from search.words.columns import Column
from search.words.context import SearchContext
from search.words.descriptions import Clause, join_words
from search.words.fields import NOTHING, Field, ReadingError
from smscenter.database.replica import reading

# With more, a page that checks row after row is soon full.
MOST = 1_000
CONDITIONS = {
    "digits": ("ltrim(phone, '+') LIKE %s", "%{}%"),
    "first_digits": ("phone LIKE %s", "{}%"),
}


@CharField.register_lookup
class DigitsLookup(Lookup[Any]):
    """Compare some digits of a number: `phone__digits="415"`.

    The index of them has numbers without the plus. With the column itself, PostgreSQL would look up
    whole numbers in it too, which takes a thousand times as long as in the index for that.
    """

    lookup_name = "digits"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        text, params = self.process_lhs(compiler, connection)
        return f"ltrim({text}, '+') LIKE %s", [*params, f"%{self.rhs}%"]

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        """Compare each number without LIKE, in half the time."""
        text, params = self.process_lhs(compiler, connection)
        return f"instr({text}, %s) > 0", [*params, self.rhs]


@CharField.register_lookup
class FirstDigitsLookup(Lookup[Any]):
    """Compare the beginning of a number: `phone__first_digits="+1415"`.

    SQLite takes LIKE for a condition without an index, and a range for one that an index answers.
    """

    lookup_name = "first_digits"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return StartsWith(self.lhs, self.rhs).as_sql(compiler, connection)

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        text, params = self.process_lhs(compiler, connection)
        end = self.rhs[:-1] + chr(ord(self.rhs[-1]) + 1)
        return f"({text} >= %s AND {text} < %s)", [*params, self.rhs, *params, end]


@dataclass(frozen=True)
class NumbersColumn(Column):
    """Numbers of many rows. PostgreSQL finds the few different ones in tables of their own first.

    These are small, or have an index of the digits. `lookups` are those that no index of the rows
    answers.
    """

    tables: Sequence[str] = field(kw_only=True)
    lookups: Sequence[str] = ("digits",)

    def q(self, lookup: str, value: Any, context: SearchContext) -> Q:
        if lookup in self.lookups and connection.vendor == "postgresql":
            key = (self.path, lookup, value)
            found = context.once(key, lambda: self._find(lookup, value, context))
            if len(found) <= MOST:
                return Q(**{f"{self.path}__in": found})
        return super().q(lookup, value, context)

    def _find(self, lookup: str, value: str, context: SearchContext) -> list[str]:
        condition, pattern = CONDITIONS[lookup]
        found = " UNION ".join(
            f"SELECT phone FROM {table} WHERE organization_id = %s::bigint AND {condition}"  # noqa: S608
            for table in self.tables
        )
        values: list[int | str] = [context.organization_id, pattern.format(value)]
        with reading.connection().cursor() as cursor:
            cursor.execute(f"{found} LIMIT {MOST + 1}", values * len(self.tables))
            return [phone for (phone,) in cursor.fetchall()]


@dataclass(frozen=True)
class PhoneField(Field):
    """A phone number, searched by area code, as a whole in any format, or by some digits.

    `to_e164` returns a full number as the column holds it, and None for any other text. With
    `holds_names`, the column also has names that texts come from.
    """

    to_e164: Callable[[str], str | None] = field(default=lambda _: None, repr=False)
    home: str = "+1"
    holds_names: bool = False

    kind = "phone"

    def matching(self, operator: str, value: Value, context: SearchContext) -> Q:
        if self._is_name(value.text):
            return self.column.q("iexact", value.text, context)
        digits = "".join(character for character in value.text if character in "0123456789")
        if not digits or any(character.isalpha() for character in value.text):
            hint = 'Use an area code (415), a full number ("(415) 555-0123"), or part of one.'
            raise ReadingError(Code.BAD_PHONE, f"“{value.text}” isn't a phone number.", hint)
        if len(digits) == 3 and not value.text.startswith("+"):
            return self.column.q("first_digits", f"{self.home}{digits}", context)
        whole = self.to_e164(value.text)
        return (
            self.column.q("exact", whole, context)
            if whole
            else self.column.q("digits", digits, context)
        )

    def q_in(self, values: Sequence[Value], context: SearchContext) -> Q:
        """Look up all whole numbers at once, in an index."""
        numbers = {value: self._whole(value) for value in values}
        whole = [number for number in numbers.values() if number]
        rest = [value for value, number in numbers.items() if not number]
        q = (
            self._of_row(self.column.q("in", whole, context), context, selective=True)
            if whole
            else None
        )
        if q is None:
            return super().q_in(rest, context)
        return q | super().q_in(rest, context) if rest else q

    def _is_name(self, text: str) -> bool:
        return self.holds_names and any(character.isalpha() for character in text)

    def _whole(self, value: Value) -> str | None:
        """Return a full number as the column holds it; None for an area code or some digits."""
        is_code = len(value.text) == 3 or value.is_none or any(map(str.isalpha, value.text))
        return None if is_code else self.to_e164(value.text)

    def containing(self, text: str, context: SearchContext) -> Q:
        """Return the condition for a bare word: its digits anywhere in the number."""
        if any(character.isalpha() for character in text):
            return NOTHING
        digits = "".join(character for character in text if character in "0123456789")
        return self.column.q("digits", digits, context) if digits else NOTHING

    def filled(self, context: SearchContext) -> Q:
        return self.column.is_filled()

    def describe(self, operator: str, values: Sequence[Value], context: SearchContext) -> Clause:
        return Clause("has", f"{self.display_name} {join_words(map(self._describe, values))}")

    def _describe(self, value: Value) -> str:
        if self._is_name(value.text):
            return f"“{value.text}”"
        digits = [character for character in value.text if character.isdigit()]
        if len(digits) == 3 and not value.text.startswith("+"):
            return f"in area code {value.text}"
        whole = self.to_e164(value.text)
        return _formatted(whole) if whole else f"containing {''.join(digits)}"

    def is_selective(self, value: Value, context: SearchContext) -> bool:
        return True


def _formatted(number: str) -> str:
    """Return a number of the US or Canada as people write it, and others as they are."""
    if re.fullmatch(r"\+1\d{10}", number):
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number
