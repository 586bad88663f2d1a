"""Search fields that hold one of a list of values."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from search.language.errors import Code
from search.language.tree import Value, as_value
from search.words.context import Searcher
from search.words.descriptions import Clause, one_of, some_of
from search.words.fields import SIGNED, Field, Offer, ReadingError, Spelling
from search.words.text_lookups import words_of


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
