"""The kinds of words: each reads values, makes them a condition, and says it in English."""

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import F, Q
from django.db.models.expressions import Combinable

from search.language.errors import Code
from search.language.tree import Value, as_value, quoted
from search.words.columns import Column
from search.words.context import Searcher
from search.words.date_spellings import Spelling
from search.words.descriptions import Clause, one_of, some_of
from search.words.related_rows import Rows
from search.words.text_lookups import emoji_of, is_searchable, words_of

NOTHING = Q(pk__in=[])
ALL_ROWS = ~NOTHING  # an empty Q cannot be negated
SAMENESS = (":", "=", "!=")
ORDERING = (*SAMENESS, "<", "<=", ">", ">=")
LARGEST_CHAIN = 100
SIGNED = re.compile(r"[-!][^\W\d]")
# Why nothing can match, and values to put instead.
Never = tuple[str, Sequence[str]]


def any_of(conditions: Sequence[Q]) -> Q:
    """Join many conditions by `or`.

    SQLite counts each `or` of a chain as one level, some as two, and allows 1,000: so these are in
    groups, of which not all are false.
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
    """A value that a field can't read. The message names it in curly quotes."""

    code: Code
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Offer:
    """A value that may stand here, with what it means, and other names that it is found by."""

    text: str
    detail: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """A word that stands before an operator: a search field.

    `names` are separated by blanks; `label` is the name of a word that people made, blanks and all.
    `rows` says that the column is one of related rows: one of them has to match. `noun` is what
    sentences call it. `sorted_by` is a column to sort by that stands for this one.
    """

    names: str
    column: Column
    _: KW_ONLY
    meaning: str
    noun: str = ""
    example: str = ""
    rows: Rows | None = None
    label: str = ""
    sorted_by: str = ""

    kind = "text"
    operators: Sequence[str] = SAMENESS

    @property
    def all_names(self) -> tuple[str, ...]:
        return (self.label.lower(),) if self.label else tuple(self.names.split())

    @property
    def name(self) -> str:
        return self.label or self.all_names[0]

    @property
    def said(self) -> str:
        return self.noun or self.label or self.name.replace("_", " ")

    def q(self, operator: str, value: Value, searcher: Searcher) -> Q:
        """The rows of which `field operator value` is true; `!=` is turned around by the caller.

        Raises ReadingError.
        """
        self.refuse_sign(value, searcher)
        q = self.matching(operator, value, searcher)
        return self._of_row(q, searcher, few=self.is_selective(value))

    def q_in(self, values: Sequence[Value], searcher: Searcher) -> Q:
        conditions = []
        for value in values:
            if value.is_none:
                message = f"“{value.text}” means no value and can't be in a list."
                hint = f"Search for `{self.name}:null` as a term of its own."
                raise ReadingError(Code.UNKNOWN_VALUE, message, hint)
            self.refuse_sign(value, searcher)
            conditions.append(self.matching("=", value, searcher))
        few = all(map(self.is_selective, values))
        return self._of_row(any_of(conditions), searcher, few=few)

    def refuse_sign(self, value: Value, searcher: Searcher) -> None:
        """Raise ReadingError for `status:-potential`, which means `not status:potential`."""
        if not value.quoted and SIGNED.match(value.text):
            message = f"“{value.text}” isn't a value. To exclude it, put not in front."
            raise ReadingError(Code.UNKNOWN_VALUE, message)

    def meant(
        self, text: str, operator: str, searcher: Searcher, *, exact: bool
    ) -> Sequence[Spelling]:
        """Return values that may be meant by a text that is none of this field's.

        `exact`: those only that are spelled so, but for quotes and case.
        """
        return ()

    def never(self, operator: str, value: Value, searcher: Searcher) -> Never | None:
        """Return why no row can have this value, and what to put for it. For values that read."""
        return None

    def has(self, searcher: Searcher) -> Q:
        return self._of_row(self.filled(searcher), searcher)

    def _of_row(self, q: Q, searcher: Searcher, *, few: bool = False) -> Q:
        return self.rows.having(q, searcher, few=few) if self.rows else q

    def matching(self, operator: str, value: Value, searcher: Searcher) -> Q:
        """The condition on the column itself."""
        raise NotImplementedError

    def filled(self, searcher: Searcher) -> Q:
        return self.column.is_known()

    def order(self, searcher: Searcher) -> Combinable:
        if self.rows:
            raise ReadingError(Code.BAD_OPERATOR, f"You can't sort by “{self.name}”.")
        return F(self.sorted_by) if self.sorted_by else self.column.order(searcher)

    def say(self, operator: str, values: Sequence[Value], searcher: Searcher) -> Clause:
        return Clause(
            "has", f"{self.said} {one_of(self.shown(value, searcher) for value in values)}"
        )

    def say_filled(self) -> Clause:
        return Clause("has", f"any {self.said}")

    def shown(self, value: Value, searcher: Searcher) -> str:
        return value.text

    def offers(self, searcher: Searcher) -> list[Offer]:
        """Values for completion, most useful first."""
        return []

    def example_for(self, searcher: Searcher) -> str:
        """A whole query that runs for this person."""
        return self.example

    def is_none(self, value: Value) -> bool:
        """Whether this asks for rows that have no value."""
        return value.is_none

    def is_selective(self, value: Value) -> bool:
        """Whether few rows match, so that it is best looked at first."""
        return False


@dataclass(frozen=True)
class Text(Field):
    """Words and phrases; `url` and the like too."""

    def matching(self, operator: str, value: Value, searcher: Searcher) -> Q:
        if not is_searchable(value.text):
            return NOTHING
        q = Q()
        if words_of(value.text):
            q = self.column.q("phrase" if value.quoted else "words", value.text, searcher)
        for emoji in emoji_of(value.text):
            q &= self.column.q("contains", emoji, searcher)
        return q

    def filled(self, searcher: Searcher) -> Q:
        return self.column.is_filled()

    def say(self, operator: str, values: Sequence[Value], searcher: Searcher) -> Clause:
        return Clause("has", f"{one_of(map(spoken_words, values))} in the {self.said}")


def spoken_words(value: Value) -> str:
    if value.quoted or not words_of(value.text):
        return quoted(value.text)
    return f'a word that begins with "{value.text}"'


@dataclass(frozen=True)
class Email(Text):
    """A whole address, everybody `@domain.com`, or words of the address."""

    def matching(self, operator: str, value: Value, searcher: Searcher) -> Q:
        text = value.text.strip()
        if text.startswith("@") and len(text) > 1:
            return self.column.q("iendswith", text, searcher)
        if "@" in text:
            return self.column.q("iexact", text, searcher)
        return super().matching(operator, value, searcher)

    def is_selective(self, value: Value) -> bool:
        return "@" in value.text

    def say(self, operator: str, values: Sequence[Value], searcher: Searcher) -> Clause:
        if all("@" in value.text for value in values):
            return Clause("has", f"{self.said} {one_of(value.text for value in values)}")
        return super().say(operator, values, searcher)


@dataclass(frozen=True)
class Option:
    """A value of a choice: what the column holds, how people call it."""

    value: Any
    label: str
    synonyms: tuple[str, ...] = ()
    rare: bool = False

    @property
    def names(self) -> set[str]:
        return {underscored(name) for name in (str(self.value), self.label, *self.synonyms)}


def underscored(text: str) -> str:
    """`Bad Fit` is also `bad_fit`."""
    return "_".join(words_of(text)) or text.lower()


Options = Callable[[Searcher], Sequence[Option]]


@dataclass(frozen=True)
class Choice(Field):
    options: Options = field(default=lambda _: (), repr=False)
    empty: Any = ""
    is_said: bool = False  # `direction:outgoing` is said: is outgoing
    by_value: bool = True  # the column's own value may be typed

    kind = "choice"

    def option(self, value: Value, searcher: Searcher) -> Option:
        options = self.options(searcher)
        wanted = underscored(value.text)
        exact = [option for option in options if option.label.lower() == value.text.lower()]
        found = exact or [option for option in options if wanted in self.names_of(option)]
        if found and (exact or value.quoted or not SIGNED.match(value.text)):
            return found[0]
        labels = [self._typed(option) for option in options]
        hint = (
            f"Valid values: {some_of(labels, joint='and')}." if labels else "It has no values yet."
        )
        message = f"“{value.text}” isn't a valid value for `{self.name}`."
        raise ReadingError(Code.UNKNOWN_VALUE, message, hint)

    def meant(
        self, text: str, operator: str, searcher: Searcher, *, exact: bool
    ) -> Sequence[Spelling]:
        options, wanted = self.options(searcher), underscored(text)
        known = {name: self._typed(option) for option in options for name in self.names_of(option)}
        if wanted in known:
            near = [wanted]
        elif exact:
            near = []
        else:
            near = difflib.get_close_matches(wanted, known, 3, 0.6)
            near += [name for name in known if wanted[1:] and name.startswith(wanted)]
        return [Spelling(as_value(typed)) for typed in dict.fromkeys(known[name] for name in near)]

    def example_for(self, searcher: Searcher) -> str:
        """With a value that this organization has, where it makes its own."""
        own = [] if self.by_value or self.label else self.offers(searcher)
        return f"{self.name}:{as_value(own[0].text)}" if own else self.example

    def excludes(self, one: Value, other: Value, searcher: Searcher) -> bool:
        """Whether no row can have both of these values. Raises ReadingError."""
        values = [
            None if value.is_none else self.option(value, searcher).value for value in (one, other)
        ]
        return bool(values[0] != values[1])

    def names_of(self, option: Option) -> set[str]:
        names = {underscored(name) for name in (option.label, *option.synonyms)}
        return names | {underscored(str(option.value))} if self.by_value else names

    def _typed(self, option: Option) -> str:
        return str(option.value) if self.by_value else option.label

    def matching(self, operator: str, value: Value, searcher: Searcher) -> Q:
        return self.column.q("exact", self.option(value, searcher).value, searcher)

    def q_in(self, values: Sequence[Value], searcher: Searcher) -> Q:
        chosen = [self.option(value, searcher).value for value in values]
        return self._of_row(self.column.q("in", chosen, searcher), searcher)

    def filled(self, searcher: Searcher) -> Q:
        return self.column.is_known() if self.empty is None else self.column.is_filled()

    def say(self, operator: str, values: Sequence[Value], searcher: Searcher) -> Clause:
        said = one_of(self.shown(value, searcher) for value in values)
        return Clause("is", said) if self.is_said else Clause("has", f"{self.said} {said}")

    def shown(self, value: Value, searcher: Searcher) -> str:
        return self._typed(self.option(value, searcher)).replace("_", " ")

    def offers(self, searcher: Searcher) -> list[Offer]:
        return [
            Offer(
                self._typed(option),
                option.label if self.by_value else "",
                tuple(sorted({*option.synonyms, option.label} - {self._typed(option)})),
            )
            for option in self.options(searcher)
        ]

    def is_selective(self, value: Value) -> bool:
        # Only fixed choices know, and those need no searcher.
        wanted = underscored(value.text)
        options = self.options(None) if self.by_value else ()  # type: ignore[arg-type]
        return any(option.rare and wanted in self.names_of(option) for option in options)


def fixed(
    choices: Iterable[tuple[Any, str]], *, rare: Iterable[str] = (), **synonyms: str
) -> Options:
    """The options of a TextChoices; `synonyms` are other names of its values."""
    rare = set(rare)
    options = [
        Option(value, str(label), tuple(synonyms.get(value, "").split()), value in rare)
        for value, label in choices
        if value != ""
    ]
    return lambda _: options
