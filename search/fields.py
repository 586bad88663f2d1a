"""The kinds of words: each reads values, makes them a condition, and says it in English."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from django.db.models import F, Q
from django.db.models.expressions import Combinable

from search.columns import Column, Rows
from search.errors import Code
from search.lookups import words_of
from search.searcher import Searcher
from search.spoken import Clause, Verb, one_of, some_of
from search.tree import Value, as_value, quoted

NOTHING = Q(pk__in=[])
ALL_ROWS = ~NOTHING  # an empty Q cannot be negated
SAMENESS = (":", "=", "!=")
ORDERING = (*SAMENESS, "<", "<=", ">", ">=")


@dataclass
class ReadingError(Exception):
    """A value that a field cannot read; `nearest` are values that it can."""

    code: Code
    message: str
    hint: str = ""
    nearest: Sequence[str] = ()


@dataclass(frozen=True)
class Offer:
    """A value that may stand here, with what it means."""

    text: str
    detail: str = ""


@dataclass(frozen=True)
class Field:
    """A word that stands before an operator.

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
        q = self.matching(operator, value, searcher)
        return self._of_row(q, searcher, few=self.is_selective(value))

    def q_in(self, values: Sequence[Value], searcher: Searcher) -> Q:
        q = NOTHING
        for value in values:
            if value.is_none:
                raise ReadingError(Code.UNKNOWN_VALUE, "A list cannot hold “no value”.")
            q |= self.matching("=", value, searcher)
        return self._of_row(q, searcher, few=all(map(self.is_selective, values)))

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
            raise ReadingError(Code.BAD_OPERATOR, f"Rows cannot be sorted by {self.said}.")
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
        if not words_of(value.text):
            return NOTHING
        return self.column.q("phrase" if value.quoted else "words", value.text, searcher)

    def filled(self, searcher: Searcher) -> Q:
        return self.column.is_filled()

    def say(self, operator: str, values: Sequence[Value], searcher: Searcher) -> Clause:
        said = one_of(
            quoted(value.text) if value.quoted else f'a word that begins with "{value.text}"'
            for value in values
        )
        return Clause("has", f"{said} in the {self.said}")


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
    spoken_values: bool = True  # sentences say what the column holds, not the label
    is_said: bool = False  # `direction:outgoing` is said: is outgoing
    by_value: bool = True  # the column's own value may be typed

    kind = "choice"

    def option(self, value: Value, searcher: Searcher) -> Option:
        options = self.options(searcher)
        wanted = underscored(value.text)
        exact = [option for option in options if option.label.lower() == value.text.lower()]
        found = exact or [option for option in options if wanted in self._names(option)]
        if found:
            return found[0]
        labels = [self._typed(option) for option in options]
        known = {name: self._typed(option) for option in options for name in self._names(option)}
        nearest = [known[name] for name in difflib.get_close_matches(wanted, known, 3, 0.6)]
        hint = f"It can be {some_of(labels)}." if labels else "There are none yet."
        message = f"There is no {self.said} “{value.text}”."
        raise ReadingError(Code.UNKNOWN_VALUE, message, hint, nearest)

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

    def _names(self, option: Option) -> set[str]:
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
            Offer(self._typed(option), option.label if self.by_value else "")
            for option in self.options(searcher)
        ]

    def is_selective(self, value: Value) -> bool:
        # Only fixed choices know, and those need no searcher.
        wanted = underscored(value.text)
        options = self.options(None) if self.by_value else ()  # type: ignore[arg-type]
        return any(option.rare and wanted in self._names(option) for option in options)


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


TRUE_OR_FALSE = [
    Option(value=True, label="yes", synonyms=("true",)),
    Option(value=False, label="no", synonyms=("false",)),
]


@dataclass(frozen=True)
class Boolean(Choice):
    options: Options = field(default=lambda _: TRUE_OR_FALSE, repr=False)
    empty: Any = None
    by_value: bool = False

    kind = "boolean"


@dataclass(frozen=True)
class Person(Field):
    """`me`, a name, an e-mail address, an id. `among` are those whom it may name."""

    verb: str = ""  # sentences say `owned by`
    tense: Verb = "was"
    among: Callable[[Searcher], list[Any]] = field(default=Searcher.colleagues, repr=False)

    kind = "user"

    def people(self, value: Value, searcher: Searcher) -> list[Any]:
        text = value.text.strip().lower()
        if text == "me" and not value.quoted:
            return [searcher.user]
        known = self.among(searcher)
        found = [
            person
            for person in known
            if text in {str(person.pk), person.get_username().lower(), person.email.lower()} - {""}
        ] or [person for person in known if _is_called(person, value)]
        if found:
            return found
        names = {str(person).lower(): str(person) for person in known}
        nearest = [names[name] for name in difflib.get_close_matches(text, names, 3, 0.5)]
        message = f"Nobody here is called “{value.text}”."
        hint = "Write me without quotes, a name, an e-mail address or an id."
        raise ReadingError(Code.UNKNOWN_VALUE, message, hint, nearest)

    def matching(self, operator: str, value: Value, searcher: Searcher) -> Q:
        return self.column.q("in", [person.pk for person in self.people(value, searcher)], searcher)

    def say(self, operator: str, values: Sequence[Value], searcher: Searcher) -> Clause:
        said = one_of(self.shown(value, searcher) for value in values)
        return (
            Clause("was", f"{self.verb} {said}")
            if self.verb
            else Clause("has", f"{self.said} {said}")
        )

    def say_filled(self) -> Clause:
        return Clause(self.tense, f"{self.verb} anybody") if self.verb else super().say_filled()

    def is_selective(self, value: Value) -> bool:
        """Return True: the column has an index of its own.

        In EXISTS, SQLite without statistics prefers that index to the one of the outer row.
        """
        return True

    def shown(self, value: Value, searcher: Searcher) -> str:
        if value.text.lower() == "me" and not value.quoted:
            return "you"
        return one_of(str(person) for person in self.people(value, searcher))

    def offers(self, searcher: Searcher) -> list[Offer]:
        others = [Offer(str(person), person.email) for person in self.among(searcher)]
        return [Offer("me", str(searcher.user)), *others]


def _is_called(person: Any, value: Value) -> bool:
    wanted = words_of(value.text)
    for name in (person.get_full_name(), person.get_username()):
        words = words_of(name)
        for start in range(len(words) - len(wanted) + 1 if wanted else 0):
            *whole, last = words[start : start + len(wanted)]
            same = last == wanted[-1] if value.quoted else last.startswith(wanted[-1])
            if whole == wanted[:-1] and same:
                return True
    return False
