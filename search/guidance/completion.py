"""Complete a query at the cursor, with the same grammar and vocabulary that read it."""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError

from search.cache_keys import cache_key
from search.language.cursor import Position
from search.language.errors import QueryError
from search.language.parser import MAX_LENGTH, normalize
from search.language.tree import Name, Value, as_value
from search.limits import time_limit
from search.words import vocabulary
from search.words.choice_fields import ChoiceField
from search.words.context import SearchContext
from search.words.counting import count_of
from search.words.date_fields import DateField
from search.words.fields import Field, ReadingError, ValueSuggestion
from search.words.text_lookups import words_of
from search.words.vocabulary import Vocabulary

OPERATORS = {
    ":": "is",
    "!=": "is not, or has no value",
    ">": "more than, after, or older than",
    "<": "less than, before, or newer than",
    ">=": "at least, or since",
    "<=": "at most, or until",
}
KEYWORDS = {"and": "both terms", "or": "either term", "not": "excludes a term"}
DIRECTIVES = {"sort:": "sort by a field, - for descending", "limit:": "maximum number of rows"}
MOST_COUNTED = 10
# Counts are kept for this long, and values that take too long to count aren't tried for that long.
COUNT_SECONDS = 60
SLOW_SECONDS = 300
SHORTEST = 2  # letters typed before fields in groups are suggested


@dataclass(frozen=True)
class Suggestion:
    """A completion: `text` replaces the query from `start` to `end`. `label` is what users see."""

    text: str
    label: str
    detail: str
    start: int
    end: int


def complete(
    model_name: str, text: str, cursor: int, user: Any, at: datetime | None = None
) -> list[Suggestion]:
    """Return suggestions for the text at the cursor, the best first. Never raises QueryError."""
    if len(text) > MAX_LENGTH:
        return []
    text = normalize(text)
    position = Position.find(text, max(0, min(cursor, len(text))))
    return list(
        Completer(vocabulary.get(model_name), SearchContext.of(user, at), position).suggestions()
    )


@dataclass
class Completer:
    root: Vocabulary
    context: SearchContext
    position: Position
    vocabulary: Vocabulary = field(init=False)

    def __post_init__(self) -> None:
        self.vocabulary = self.root
        for name in self.position.group_names():
            group = self.vocabulary.group(name) if name else None
            self.vocabulary = group.vocabulary if group else self.vocabulary

    def suggestions(self) -> Iterator[Suggestion]:
        accepted = self.position.accepted
        if "KEY" in accepted:
            yield from self._matching(self._sort_keys())
        elif "WORD_VALUE" in accepted:
            yield from self._values()
        else:
            yield from self._rest_of_date()
            if "OPERATOR" in accepted and not self.position.typed:
                yield from self._operators()
            if "WORD" in accepted:
                yield from self._terms_and_phrases()

    def _terms_and_phrases(self) -> Iterator[Suggestion]:
        """Yield what the words name, before terms if there are several: `failed today`."""
        words, _ = self.position.words()
        phrases = list(self._phrases())
        terms = self._matching(self._terms_in_order())
        first = phrases if len(words) > 1 else [next(terms, None), *phrases]
        texts = set()
        for each in (*filter(None, first), *terms):
            if each.text not in texts:
                texts.add(each.text)
                yield each

    def _phrases(self) -> Iterator[Suggestion]:
        """Yield the views and the queries that the words before the cursor name."""
        words, start = self.position.words()
        typed = [word for text in words for word in words_of(text)]
        if self.vocabulary is not self.root or len("".join(typed)) < SHORTEST + 1:
            return
        for view in self.context.saved_views(self.vocabulary.key):
            if _name(typed, view.name):
                text = f"in:{as_value(view.name)}"
                yield self._suggestion(text, text, f"View · {view.query or '*'}", start)
        for name, query in self.vocabulary.suggested_queries.items():
            if _name(typed, name):
                yield self._suggestion(query, query, name, start)

    def _suggestion(
        self, text: str, label: str, detail: str, start: int | None = None
    ) -> Suggestion:
        position = self.position
        return Suggestion(
            text, label, detail, position.start if start is None else start, position.end
        )

    def _matching(self, values: Iterable[tuple[str, ...]]) -> Iterator[Suggestion]:
        """Yield values that begin with the typed text, then those with a later word that does.

        A value is its text, label, and detail, followed by synonyms.
        """
        typed = self.position.typed.lstrip('"').lower()
        first, later = [], []
        for text, label, detail, *synonyms in values:
            name = label.lower().lstrip('"')
            words = words_of(" ".join([name, *synonyms])) if typed else []
            if name.startswith(typed):
                first.append(self._suggestion(text, label, detail))
            elif any(word.startswith(typed) for word in words):
                later.append(self._suggestion(text, label, detail))
        yield from (*first, *later)

    def _terms_in_order(self) -> list[tuple[str, ...]]:
        """Return terms: documented ones and views first in an empty box, otherwise keywords."""
        values: list[tuple[str, ...]] = list(self._terms())
        if self.position.typed:
            return [*values, *self._nested_terms()]
        if not self.position.tokens:
            known = {value[0]: value for value in (*values, *self._flags())}
            first = [known[text] for text in self.vocabulary.first_terms if text in known]
            views = [(f"in:{text}", f"in:{text}", query) for text, _, query in self._views()]
            return [*first, *views, *(value for value in values if value not in first)]
        keywords = ("and ", "or ", "not ", "sort:")
        if "OR" in self.position.accepted:
            values.sort(key=lambda value: value[0] not in keywords)
        return values

    def _flags(self) -> Iterator[tuple[str, ...]]:
        for flag in self.vocabulary.flags:
            name = f"has:{flag.all_names[0]}"
            yield name, name, flag.meaning, *flag.all_names[1:]

    def _nested_terms(self) -> Iterator[tuple[str, ...]]:
        """Yield values of `has:` and fields in groups."""
        if len(self.position.typed) < SHORTEST:
            return
        yield from self._flags()
        for group in self.vocabulary.groups:
            for each in group.vocabulary.fields:
                opening, label, meaning = self._field(each)
                before = f"{group.all_names[0]}("
                yield f"{before}{opening}", f"{before}{label}:…)", meaning

    def _terms(self) -> Iterator[tuple[str, str, str]]:
        """Yield the beginnings of terms, and the keywords and directives accepted here."""
        accepted = self.position.accepted
        for each in self._fields():
            yield self._field(each)
        for group in self.vocabulary.groups:
            yield f"{group.all_names[0]}(", f"{group.all_names[0]}(…)", group.meaning
        if self.vocabulary.flags or self.vocabulary is self.root:
            yield "has:", "has:", "has any value"
        if self.context.can_save_views(self.vocabulary.key):
            yield "in:", "in:", "a saved view"
        for keyword, meaning in KEYWORDS.items():
            if keyword.upper() in accepted:
                yield f"{keyword} ", keyword, meaning
        if "SORT" in accepted:
            for directive, meaning in DIRECTIVES.items():
                yield directive, directive, meaning
        yield from self._synonyms()

    def _fields(self) -> list[Field]:
        return [*self.vocabulary.fields, *self.vocabulary.custom_fields(self.context).values()]

    def _field(self, each: Field, name: str = "") -> tuple[str, str, str]:
        label = str(Name(0, 0, name or each.name))
        opening = f"{label} > " if each.kind == "number" else f"{label}:"
        return opening, label, each.meaning

    def _synonyms(self) -> Iterator[tuple[str, str, str]]:
        if self.position.typed:
            for each in self.vocabulary.fields:
                for name in each.all_names[1:]:
                    yield self._field(each, name)
            for each in self.vocabulary.custom_fields(self.context).values():
                yield self._field(each, f"custom.{each.name}")

    def _operators(self) -> Iterator[Suggestion]:
        token = self.position.tokens[-1]
        found = self.vocabulary.field(token.name, self.context)
        for operator in found.operators if found else ():
            if operator in OPERATORS:
                yield self._suggestion(f"{operator} ", operator, OPERATORS[operator])

    def _sort_keys(self) -> Iterator[tuple[str, str, str]]:
        for each in self._fields():
            try:
                each.order(self.context)
            except ReadingError:
                continue
            label = str(Name(0, 0, each.name))
            yield label, label, each.meaning

    def _values(self) -> Iterator[Suggestion]:
        if self.position.last in {"LIMIT", "SLICE"}:
            return
        match self.position.field_name().lower():
            case "has":
                yield from self._matching(self._has_values())
            case "in":
                yield from self._matching(self._views())
            case name:
                found = self.vocabulary.field(name, self.context)
                if found:
                    yield from self._matching(self._field_values(found))

    def _has_values(self) -> Iterator[tuple[str, ...]]:
        for flag in self.vocabulary.flags:
            yield flag.all_names[0], flag.all_names[0], flag.meaning, *flag.all_names[1:]
        for each in self._fields():
            label = as_value(each.name)
            yield label, label, each.meaning

    def _views(self) -> Iterator[tuple[str, str, str]]:
        for view in self.context.saved_views(self.vocabulary.key):
            label = as_value(view.name)
            yield label, label, view.query

    def _field_values(self, found: Field) -> Iterator[tuple[str, ...]]:
        typed = self.position.typed.lstrip('"').lower()
        is_date = isinstance(found, DateField)
        values = found.suggested_values(self.context)
        if isinstance(found, DateField):
            values = found.suggested_dates(typed, self.context)
        typed_so_far = [value for value in values if value.text.lower().startswith(typed)]
        counts = self._counts(found, typed_so_far[:MOST_COUNTED])
        for value in values:
            detail = " · ".join(filter(None, [counts.get(value.text), value.detail]))
            # A date of several words needs no quotes, unless the user began with one.
            plain = is_date and not self.position.typed.startswith('"')
            text = value.text if plain else as_value(value.text)
            yield text, text, detail, *value.synonyms

    def _counts(self, found: Field, values: list[ValueSuggestion]) -> dict[str, str]:
        """Return the number of rows for each value that can be counted quickly."""
        if (
            not isinstance(found, ChoiceField)
            or found.rows
            or not vocabulary.is_registered(self.vocabulary)
        ):
            return {}
        keys = {value.text: self._count_key(found, value) for value in values}
        kept = cache.get_many(keys.values())
        counts = {text: kept[key] for text, key in keys.items() if key in kept}
        missing = [value for value in values if value.text not in counts]
        with suppress(QueryError), time_limit("completion") if missing else nullcontext():
            for value in missing:
                counts[value.text] = self._kept_count(found, value, keys[value.text])
        return counts

    def _kept_count(self, found: ChoiceField, value: ValueSuggestion, key: str) -> str:
        """Count and keep the count. Raises OperationalError if it takes too long."""
        # A colleague who types the same doesn't count at the same time.
        cache.set(key, "", SLOW_SECONDS)
        begun = monotonic()
        try:
            count = self._count(found, value)
        except OperationalError:
            if monotonic() - begun < settings.SEARCH_SECONDS["completion"] / 2:
                cache.delete(key)  # the values before it took too long
            raise
        cache.set(key, count, COUNT_SECONDS)
        return count

    def _count_key(self, found: ChoiceField, value: ValueSuggestion) -> str:
        """Return the key of this person's count, because others may see other rows."""
        names = f"{self.vocabulary.key} {found.name} {value.text}"
        return cache_key("value", self.context.user.pk, names)

    def _count(self, found: ChoiceField, value: ValueSuggestion) -> str:
        """Return the number of rows with a value, such as `3 leads`."""
        condition = found.matching("=", Value(0, 0, value.text, quoted=True), self.context)
        count = count_of(self.vocabulary.visible_to(self.context.user).filter(condition))
        return f"{count} {self.vocabulary.noun if count.number == 1 else self.vocabulary.nouns}"

    def _rest_of_date(self) -> Iterator[Suggestion]:
        """Complete dates of several words: `created > last w`, `created > 14 `.

        The parser reads their beginning as a value and a bare word.
        """
        tokens = self.position.tokens
        at = max((i for i, token in enumerate(tokens) if token.kind == "OPERATOR"), default=0)
        found = self.vocabulary.field(tokens[at - 1].name, self.context) if at else None
        if not isinstance(found, DateField):
            return
        begun = tokens[at + 1 :]
        typed = " ".join([*(token.text for token in begun), self.position.typed]).lower()
        for value in found.suggested_dates(typed, self.context) if begun else ():
            yield self._suggestion(value.text, value.text, value.detail, begun[0].start)


def _name(typed: list[str], name: str) -> bool:
    """Return whether each typed word begins a word of the name, in any order."""
    words = words_of(name)
    return all(any(word.startswith(each) for word in words) for each in typed)
