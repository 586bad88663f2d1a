"""Search fields that hold text."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from search.language.tree import Value, quoted
from search.words.context import SearchContext
from search.words.descriptions import Clause, join_words
from search.words.fields import NOTHING, Field
from search.words.text_lookups import email_domain, emoji_of, is_searchable, words_of


@dataclass(frozen=True)
class TextField(Field):
    """A text, searched by words and phrases.

    `implied` is the condition of a partial index, which every text with words satisfies. With
    `indexed`, PostgreSQL has an index of the words, and with `rare`, few rows have any text. On
    SQLite, the column knows.
    """

    implied: Q = field(default_factory=Q, kw_only=True)
    indexed: bool = field(default=False, kw_only=True)
    rare: bool = field(default=False, kw_only=True)

    def matching(self, operator: str, value: Value, context: SearchContext) -> Q:
        if not is_searchable(value.text):
            return NOTHING
        q = Q()
        if words_of(value.text):
            q = self.column.q(_lookup(value), value.text, context)
            q &= self.implied
        for emoji in emoji_of(value.text):
            q &= self.column.q("contains", emoji, context)
        return q

    def filled(self, context: SearchContext) -> Q:
        return self.column.is_filled()

    def is_selective(self, value: Value, context: SearchContext) -> bool:
        if value.is_none:
            return False
        if self.rare or value.is_any:
            return self.rare
        if connection.vendor == "sqlite":
            return self.column.finds_few(_lookup(value), value.text, context)
        return self.indexed and bool(words_of(value.text))

    def describe(self, operator: str, values: Sequence[Value], context: SearchContext) -> Clause:
        return Clause(
            "has", f"{join_words(map(describe_words, values))} in the {self.display_name}"
        )


def _lookup(value: Value) -> str:
    return "phrase" if value.quoted else "words"


def describe_words(value: Value) -> str:
    if value.quoted or not words_of(value.text):
        return quoted(value.text)
    return f'a word that begins with "{value.text}"'


@dataclass(frozen=True)
class EmailField(TextField):
    """An email address, searched as a whole, by `@domain.com`, or by its words."""

    def matching(self, operator: str, value: Value, context: SearchContext) -> Q:
        text = value.text.strip()
        if text.startswith("@") and len(text) > 1:
            return Q(Exact(email_domain(self.column.path), text[1:].lower()))
        if "@" in text:
            return Q(Exact(Lower(self.column.path), text.lower()))
        return super().matching(operator, value, context)

    def is_selective(self, value: Value, context: SearchContext) -> bool:
        return "@" in value.text or super().is_selective(value, context)

    def describe(self, operator: str, values: Sequence[Value], context: SearchContext) -> Clause:
        if all("@" in value.text for value in values):
            return Clause(
                "has", f"{self.display_name} {join_words(value.text for value in values)}"
            )
        return super().describe(operator, values, context)
