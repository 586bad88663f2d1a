"""Search fields that hold one of a list of values."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Q

from search.language.errors import Code
from search.language.tree import Value, as_value
from search.words.context import SearchContext
from search.words.descriptions import Clause, join_some, join_words
from search.words.fields import SIGNED, Field, ReadingError, Replacement, ValueSuggestion
from search.words.text_lookups import words_of


@dataclass(frozen=True)
class Option:
    """A choice: the value in the column, its label, and other names."""

    value: Any
    label: str
    synonyms: tuple[str, ...] = ()
    rare: bool = False

    @property
    def names(self) -> set[str]:
        return {underscored(name) for name in (str(self.value), self.label, *self.synonyms)}


def underscored(text: str) -> str:
    """Return `bad_fit` for `Bad Fit`."""
    return "_".join(words_of(text)) or text.lower()


Options = Callable[[SearchContext], Sequence[Option]]


@dataclass(frozen=True)
class ChoiceField(Field):
    """A column with one of some options.

    `implied` is the condition of a partial index, which all rare options satisfy. SQLite uses the
    index only if the query has it.
    """

    options: Options = field(default=lambda _: (), repr=False)
    empty: Any = ""
    is_adjective: bool = False  # the interpretation is "that are outgoing"
    by_value: bool = True  # people can type the value in the column
    implied: Q = field(default_factory=Q)

    kind = "choice"

    def option(self, value: Value, context: SearchContext) -> Option:
        options = self.options(context)
        wanted = underscored(value.text)
        exact = [option for option in options if option.label.lower() == value.text.lower()]
        found = exact or [option for option in options if wanted in self.names_of(option)]
        if found and (exact or value.quoted or not SIGNED.match(value.text)):
            return found[0]
        labels = [self._typed(option) for option in options]
        hint = (
            f"Valid values: {join_some(labels, joint='and')}."
            if labels
            else "It has no values yet."
        )
        message = f"“{value.text}” isn't a valid value for `{self.name}`."
        raise ReadingError(Code.UNKNOWN_VALUE, message, hint)

    def replacements(
        self, text: str, operator: str, context: SearchContext, *, exact: bool
    ) -> Sequence[Replacement]:
        options, wanted = self.options(context), underscored(text)
        known = {name: self._typed(option) for option in options for name in self.names_of(option)}
        if wanted in known:
            near = [wanted]
        elif exact:
            near = []
        else:
            near = difflib.get_close_matches(wanted, known, 3, 0.6)
            near += [name for name in known if wanted[1:] and name.startswith(wanted)]
        return [
            Replacement(as_value(typed)) for typed in dict.fromkeys(known[name] for name in near)
        ]

    def example_for(self, context: SearchContext) -> str:
        """Use a value of this organization if it defines the values."""
        own = [] if self.by_value or self.label else self.suggested_values(context)
        return f"{self.name}:{as_value(own[0].text)}" if own else self.example

    def excludes(self, one: Value, other: Value, context: SearchContext) -> bool:
        """Return whether no row can have both values. Raises ReadingError."""
        values = [
            None if value.is_none else self.option(value, context).value for value in (one, other)
        ]
        return bool(values[0] != values[1])

    def names_of(self, option: Option) -> set[str]:
        names = {underscored(name) for name in (option.label, *option.synonyms)}
        return names | {underscored(str(option.value))} if self.by_value else names

    def _typed(self, option: Option) -> str:
        return str(option.value) if self.by_value else option.label

    def matching(self, operator: str, value: Value, context: SearchContext) -> Q:
        option = self.option(value, context)
        return self._indexed(self.column.q("exact", option.value, context), [option])

    def q_in(self, values: Sequence[Value], context: SearchContext) -> Q:
        chosen = [self.option(value, context) for value in values]
        q = self.column.q("in", [option.value for option in chosen], context)
        return self._of_row(self._indexed(q, chosen), context)

    def _indexed(self, q: Q, chosen: Iterable[Option]) -> Q:
        is_rare = all(option.rare for option in chosen)
        return q & self.implied if is_rare and connection.vendor == "sqlite" else q

    def filled(self, context: SearchContext) -> Q:
        return self.column.is_known() if self.empty is None else self.column.is_filled()

    def describe(self, operator: str, values: Sequence[Value], context: SearchContext) -> Clause:
        described = join_words(self.describe_value(value, context) for value in values)
        return (
            Clause("is", described)
            if self.is_adjective
            else Clause("has", f"{self.display_name} {described}")
        )

    def describe_value(self, value: Value, context: SearchContext) -> str:
        label = self.option(value, context).label
        # As in a sentence, but for "GSM-7".
        is_word = self.by_value and label[1:2].islower()
        return label[0].lower() + label[1:] if is_word else label

    def suggested_values(self, context: SearchContext) -> list[ValueSuggestion]:
        return [
            ValueSuggestion(
                self._typed(option),
                option.label if self.by_value else "",
                tuple(sorted({*option.synonyms, option.label} - {self._typed(option)})),
            )
            for option in self.options(context)
        ]

    def is_selective(self, value: Value, context: SearchContext) -> bool:
        # Only fixed options can be rare.
        wanted = underscored(value.text)
        options = self.options(context) if self.by_value else ()
        return any(option.rare and wanted in self.names_of(option) for option in options)


def fixed(
    choices: Iterable[tuple[Any, str]], *, rare: Iterable[str] = (), **synonyms: str
) -> Options:
    """Return the options of a TextChoices, with synonyms of its values."""
    rare = set(rare)
    options = [
        Option(value, str(label), tuple(synonyms.get(value, "").split()), value in rare)
        for value, label in choices
        if value != ""
    ]
    return lambda _: options
