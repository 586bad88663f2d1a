"""Search fields that hold users: `owner:me`."""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from search.language.errors import Code
from search.language.tree import Value, as_value
from search.words.context import SearchContext
from search.words.descriptions import Clause, Verb, join_words
from search.words.fields import Field, ReadingError, Replacement, ValueSuggestion
from search.words.text_lookups import words_of


@dataclass(frozen=True)
class UserField(Field):
    """A user, searched by `me`, name, email address, or ID. `users` returns the known ones."""

    verb: str = ""  # in the interpretation: owned by
    tense: Verb = "was"
    users: Callable[[SearchContext], list[Any]] = field(
        default=SearchContext.colleagues, repr=False
    )

    kind = "user"

    def people(self, value: Value, context: SearchContext) -> list[Any]:
        self.refuse_sign(value, context)
        text = value.text.strip().lower()
        if text == "me" and not value.quoted:
            return [context.user]
        known = self.users(context)
        found = [
            person
            for person in known
            if text in {str(person.pk), person.get_username().lower(), person.email.lower()} - {""}
        ] or [person for person in known if _is_called(person, value)]
        if found:
            return found
        message = f"No user named “{value.text}” in your organization."
        raise ReadingError(
            Code.UNKNOWN_VALUE, message, "Use me, a name, an email address, or an ID."
        )

    def replacements(
        self, text: str, operator: str, context: SearchContext, *, exact: bool
    ) -> Sequence[Replacement]:
        text = text.strip("'").lower()
        if text == "me":
            return [Replacement("me")]
        names = {str(person).lower(): str(person) for person in self.users(context)}
        near = [text] if text in names else []
        if not near and not exact:
            near = difflib.get_close_matches(text, names, 3, 0.5)
        return [Replacement(as_value(names[name])) for name in near]

    def matching(self, operator: str, value: Value, context: SearchContext) -> Q:
        return self.column.q("in", [person.pk for person in self.people(value, context)], context)

    def describe(self, operator: str, values: Sequence[Value], context: SearchContext) -> Clause:
        described = join_words(self.describe_value(value, context) for value in values)
        return (
            Clause(self.tense, f"{self.verb} {described}")
            if self.verb
            else Clause("has", f"{self.display_name} {described}")
        )

    def describe_filled(self) -> Clause:
        return Clause(self.tense, f"{self.verb} anyone") if self.verb else super().describe_filled()

    def is_selective(self, value: Value, context: SearchContext) -> bool:
        """Return True, because the column has an index of its own.

        In EXISTS, SQLite without statistics prefers that index to the one of the outer row.
        """
        return True

    def describe_value(self, value: Value, context: SearchContext) -> str:
        if value.text.lower() == "me" and not value.quoted:
            return "you"
        return join_words(str(person) for person in self.people(value, context))

    def suggested_values(self, context: SearchContext) -> list[ValueSuggestion]:
        others = [ValueSuggestion(str(person), person.email) for person in self.users(context)]
        return [ValueSuggestion("me", str(context.user)), *others]


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
