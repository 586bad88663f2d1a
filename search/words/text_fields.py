"""Search fields that hold text."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from search.language.tree import Value, quoted
from search.words.context import Searcher
from search.words.descriptions import Clause, one_of
from search.words.fields import NOTHING, Field
from search.words.text_lookups import emoji_of, is_searchable, words_of


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
