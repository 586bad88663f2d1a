"""Search fields: each reads values, returns a condition, and describes it in English."""

import re
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import reduce
from operator import and_, or_

from django.db.models import F, Q
from django.db.models.expressions import Combinable

from search.language.errors import Code
from search.language.tree import Value
from search.words.columns import Column
from search.words.context import SearchContext
from search.words.descriptions import Clause, join_words
from search.words.parts import Parts
from search.words.related_rows import RelatedRows

NOTHING = Q(pk__in=[])
ALL_ROWS = ~NOTHING  # an empty Q cannot be negated
SAMENESS = (":", "=", "!=")
ORDERING = (*SAMENESS, "<", "<=", ">", ">=")
LARGEST_CHAIN = 100
SIGNED = re.compile(r"[-!][^\W\d]")
# Why nothing can match, and values to suggest instead.
Impossible = tuple[str, Sequence[str]]


def any_of(conditions: Sequence[Q]) -> Q:
    """Join many conditions by `or`.

    SQLite counts each `or` of a chain as one or two levels and allows 1,000. So the conditions are
    split into groups, joined as "not all groups are false".
    """
    groups = [
        conditions[at : at + LARGEST_CHAIN] for at in range(0, len(conditions), LARGEST_CHAIN)
    ]
    joined = [reduce(or_, group, NOTHING) for group in groups]
    if len(joined) < 2:
        return joined[0] if joined else NOTHING
    return ~reduce(and_, (~group for group in joined))


@dataclass
class ReadingError(Exception):
    """A field can't read a value. The message has the value in curly quotes."""

    code: Code
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Replacement:
    """A value to suggest, and the operator to use with it if it's not the typed one."""

    value: str
    operator: str = ""


@dataclass(frozen=True)
class ValueSuggestion:
    """A value for completion, its explanation, and other words that find it."""

    text: str
    detail: str = ""
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """A search field: a name that comes before an operator.

    `names` are separated by spaces. `label` is the name of a custom field, which may have spaces.
    With `rows` the column belongs to related rows, one of which has to match. `noun` is used in
    the interpretation. `sorted_by` is the column to sort by, if it's another one, and `parts` the
    parts to read in that order.
    """

    names: str
    column: Column
    _: KW_ONLY
    meaning: str
    noun: str = ""
    example: str = ""
    rows: RelatedRows | None = None
    label: str = ""
    sorted_by: str = ""
    parts: Callable[[SearchContext], Parts] | None = field(default=None, repr=False)

    kind = "text"
    operators: Sequence[str] = SAMENESS

    @property
    def all_names(self) -> tuple[str, ...]:
        return (self.label.lower(),) if self.label else tuple(self.names.split())

    @property
    def name(self) -> str:
        return self.label or self.all_names[0]

    @property
    def display_name(self) -> str:
        return self.noun or self.label or self.name.replace("_", " ")

    def q(self, operator: str, value: Value, context: SearchContext) -> Q:
        """Return the condition for `field operator value`. Raises ReadingError.

        For `!=` it's the condition for `=`: the caller negates it.
        """
        self.refuse_sign(value, context)
        q = self.matching(operator, value, context)
        return self._of_row(q, context, selective=self.is_selective(value, context))

    def q_in(self, values: Sequence[Value], context: SearchContext) -> Q:
        """Return the condition for `field in (…)`. Raises ReadingError."""
        conditions = []
        for value in values:
            if value.is_none:
                message = f"“{value.text}” means no value and can't be in a list."
                hint = f"Use `{self.name}:null` as a separate term."
                raise ReadingError(Code.UNKNOWN_VALUE, message, hint)
            self.refuse_sign(value, context)
            conditions.append(self.matching("=", value, context))
        selective = all(self.is_selective(value, context) for value in values)
        return self._of_row(any_of(conditions), context, selective=selective)

    def refuse_sign(self, value: Value, context: SearchContext) -> None:
        """Raise ReadingError for `status:-potential`, which means `not status:potential`."""
        if not value.quoted and SIGNED.match(value.text):
            message = f"“{value.text}” isn't a value. To exclude a value, put not before the field."
            raise ReadingError(Code.UNKNOWN_VALUE, message)

    def replacements(
        self, text: str, operator: str, context: SearchContext, *, exact: bool
    ) -> Sequence[Replacement]:
        """Suggest values for a text that this field can't read.

        With `exact`, only values that differ from it in quotes and case at most.
        """
        return ()

    def impossible(self, operator: str, value: Value, context: SearchContext) -> Impossible | None:
        """Return why no row can have this value, and values to suggest. For readable values."""
        return None

    def has(self, context: SearchContext) -> Q:
        return self._of_row(self.filled(context), context)

    def _of_row(self, q: Q, context: SearchContext, *, selective: bool = False) -> Q:
        return self.rows.having(q, context, selective=selective) if self.rows else q

    def matching(self, operator: str, value: Value, context: SearchContext) -> Q:
        """Return the condition on the column itself."""
        raise NotImplementedError

    def filled(self, context: SearchContext) -> Q:
        return self.column.is_known()

    def order(self, context: SearchContext) -> Combinable:
        """Return what rows are sorted by. Raises ReadingError if it has several values."""
        if self.rows:
            raise ReadingError(Code.BAD_OPERATOR, f"You can't sort by “{self.name}”.")
        return F(self.sorted_by) if self.sorted_by else self.column.order(context)

    def order_parts(self, context: SearchContext) -> Parts | None:
        """Return the parts that a page in this order reads, or None if an index has the order."""
        return self.parts(context) if self.parts else None

    def describe(self, operator: str, values: Sequence[Value], context: SearchContext) -> Clause:
        described = join_words(self.describe_value(value, context) for value in values)
        return Clause("has", f"{self.display_name} {described}")

    def describe_filled(self) -> Clause:
        return Clause("has", f"any {self.display_name}")

    def describe_value(self, value: Value, context: SearchContext) -> str:
        return value.text

    def suggested_values(self, context: SearchContext) -> list[ValueSuggestion]:
        """Return values for completion, most useful first."""
        return []

    def example_for(self, context: SearchContext) -> str:
        """Return a whole query that works for this user."""
        return self.example

    def is_none(self, value: Value) -> bool:
        """Return whether this value finds rows without a value."""
        return value.is_none

    def is_selective(self, value: Value, context: SearchContext) -> bool:
        """Return whether few rows match, so that the database should start with them."""
        return False
