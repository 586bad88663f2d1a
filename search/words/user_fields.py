"""Users: `owner:me`, by name, by email address or by id."""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from search.language.errors import Code
from search.language.tree import Value, as_value
from search.words.context import Searcher
from search.words.descriptions import Clause, Verb, one_of
from search.words.fields import Field, Offer, ReadingError, Spelling
from search.words.text_lookups import words_of


@dataclass(frozen=True)
class Person(Field):
    """`me`, a name, an email address, an id. `among` are those whom it may name."""

    verb: str = ""  # sentences say `owned by`
    tense: Verb = "was"
    among: Callable[[Searcher], list[Any]] = field(default=Searcher.colleagues, repr=False)

    kind = "user"

    def people(self, value: Value, searcher: Searcher) -> list[Any]:
        self.refuse_sign(value, searcher)
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
        message = f"No user named “{value.text}” in your organization."
        raise ReadingError(
            Code.UNKNOWN_VALUE, message, "Use me, a name, an email address, or an ID."
        )

    def meant(
        self, text: str, operator: str, searcher: Searcher, *, exact: bool
    ) -> Sequence[Spelling]:
        text = text.strip("'").lower()
        if text == "me":
            return [Spelling("me")]
        names = {str(person).lower(): str(person) for person in self.among(searcher)}
        near = [text] if text in names else []
        if not near and not exact:
            near = difflib.get_close_matches(text, names, 3, 0.5)
        return [Spelling(as_value(names[name])) for name in near]

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
        return Clause(self.tense, f"{self.verb} anyone") if self.verb else super().say_filled()

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
