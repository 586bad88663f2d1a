"""Search fields that hold dates."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Q

from search.language.errors import Code
from search.language.tree import Value
from search.words import dates
from search.words.columns import ExtremeColumn
from search.words.context import SearchContext
from search.words.date_spellings import spellings
from search.words.dates import Date, Span
from search.words.descriptions import Clause, describe_comparison, describe_span, join_words
from search.words.fields import (
    ORDERING,
    Field,
    Impossible,
    ReadingError,
    Replacement,
    ValueSuggestion,
)


@dataclass(frozen=True)
class DateField(Field):
    """A date. `noun` comes before it in the interpretation: created, last texted."""

    kind = "date"
    operators: Sequence[str] = ORDERING

    def is_none(self, value: Value) -> bool:
        return value.is_none or value.text.lower() == "never"

    def read(self, value: Value, context: SearchContext) -> Date:
        try:
            if value.range:
                return dates.read_range(*value.range, context.now)
            return dates.read(value.text, context.now)
        except dates.DateError as error:
            message = f"“{value.text}” isn't a date."
            hint = f"Try {dates.EXAMPLES}."
            raise ReadingError(Code.BAD_DATE, message, hint) from error

    def matching(self, operator: str, value: Value, context: SearchContext) -> Q:
        read = self.read(value, context)
        one_sided = read.age is None and not (read.start and read.end)
        if operator in {"<", "<=", ">", ">="} and (value.range or one_sided):
            hint = f"Use `{self.name}:{value}`."
            raise ReadingError(Code.BAD_DATE, f"Use a single date after {operator}.", hint)
        return self.within(read.window(operator), context)

    def replacements(
        self, text: str, operator: str, context: SearchContext, *, exact: bool
    ) -> Sequence[Replacement]:
        if operator in {"<", "<=", ">", ">="} and ".." in text:
            return [Replacement(text, ":")]
        if ".." not in text:
            return spellings(text, operator, context.now)
        ends = [self._end(end, context.now) for end in text.split("..", 1)]
        return [Replacement("..".join(ends))]

    def _end(self, text: str, now: datetime) -> str:
        """Return an end of a range as search writes it, or as typed if it can't be read."""
        plain = [each.value for each in spellings(text, ":", now) if not each.operator]
        return plain[0] if plain else text

    def impossible(self, operator: str, value: Value, context: SearchContext) -> Impossible | None:
        read = self.read(value, context) if value.range else None
        if value.range and read and read.start and read.end and read.start >= read.end:
            low, high = value.range
            return f"“{low}..{high}” is backwards, so it matches nothing.", [f"{high}..{low}"]
        return None

    def within(self, span: Span, context: SearchContext) -> Q:
        q = Q()
        if span.start:
            q &= self.column.q("gte", span.start, context)
        if span.end:
            q &= self.column.q("lt", span.end, context)
        return q

    def describe(self, operator: str, values: Sequence[Value], context: SearchContext) -> Clause:
        read = [self.read(value, context) for value in values]
        described = join_words(describe_comparison(each, operator) for each in read)
        return Clause("has" if self.label else "was", f"{self.display_name} {described}")

    def describe_filled(self) -> Clause:
        name = self.name.replace("_", " ").replace("sms", "SMS").removesuffix(" date")
        return Clause("has", f"a date for {self.label}" if self.label else f"a {name} date")

    def suggested_values(self, context: SearchContext) -> list[ValueSuggestion]:
        return self.suggested_dates("", context)

    def suggested_dates(self, typed: str, context: SearchContext) -> list[ValueSuggestion]:
        """Suggest dates that begin with the typed text; none if its number is too large."""
        try:
            return [
                ValueSuggestion(each, self._window(each, context))
                for each in dates.phrases_starting_with(typed)
            ]
        except ReadingError:
            return []

    def _window(self, phrase: str, context: SearchContext) -> str:
        value = Value(0, 0, phrase)
        if self.is_none(value):
            return "no date"
        return describe_span(self.read(value, context))

    def is_selective(self, value: Value, context: SearchContext) -> bool:
        return True


@dataclass(frozen=True)
class JsonDateField(DateField):
    """A day in JSON, stored as text like 2026-11-23. It's the moment at which the day begins."""

    def within(self, span: Span, context: SearchContext) -> Q:
        q = Q()
        if span.start:
            q &= self.column.q("gte", _first_day(span.start).isoformat(), context)
        if span.end:
            q &= self.column.q("lt", _first_day(span.end).isoformat(), context)
        return q


def _first_day(moment: datetime) -> date:
    """Return the first day that begins at this moment or later."""
    day = moment.date()
    return day if dates.midnight(day, moment.tzinfo) == moment else day + timedelta(days=1)


@dataclass(frozen=True)
class ExtremeDateField(DateField):
    """The date of the newest related row.

    `newest` is the row's column with the date of the newest one of all, and `known` the condition
    on its columns that there's one.
    """

    column: ExtremeColumn
    newest: str = field(default="", kw_only=True)
    known: Q | None = field(default=None, kw_only=True)

    def within(self, span: Span, context: SearchContext) -> Q:
        # The newest is in [a, b) if a row is at or after a and no row is at or after b. So no
        # aggregate is needed.
        path, where, rows = self.column.path, self.column.where, self.column.rows
        begins = Q(**{f"{path}__gte": span.start}) if span.start else Q()
        ends = Q(**{f"{path}__lt": span.end}) if span.end else Q()
        q = rows.having(where & begins, context)
        if span.start and self.newest:
            # The newest of all isn't older. The column has an index.
            q &= Q(**{f"{self.newest}__gte": span.start})
        return q & ~rows.having(where & ~ends, context) if ends else q

    def filled(self, context: SearchContext) -> Q:
        if self.known is not None:
            return self.known
        return self.column.rows.having(self.column.where, context)


@dataclass(frozen=True)
class OldestDateField(DateField):
    """The date of the oldest related row, in a column without an index.

    `newest` is the column with the date of the newest one, which has an index, and `known` the
    condition on the row's columns that there's one.
    """

    newest: str = field(kw_only=True)
    known: Q = field(kw_only=True)

    def within(self, span: Span, context: SearchContext) -> Q:
        q = super().within(span, context)
        return q & Q(**{f"{self.newest}__gte": span.start}) if span.start else q

    def filled(self, context: SearchContext) -> Q:
        return self.known
