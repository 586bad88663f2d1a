"""Warnings: the query runs, but the person probably meant another one."""

from collections.abc import Iterator

from search.errors import Code, Problem
from search.fields import Choice, ReadingError
from search.lookups import words_of
from search.searcher import Searcher
from search.tree import (
    And,
    Comparison,
    Expression,
    Group,
    Phrase,
    Query,
    Value,
    Word,
    children,
    quoted,
)
from search.vocabulary import Vocabulary

TEXTUAL = {"text", "user", "number or text"}


def warnings_of(
    text: str, query: Query, vocabulary: Vocabulary, searcher: Searcher
) -> list[Problem]:
    return list(_Adviser(text, searcher).look(query.where, vocabulary)) if query.where else []


class _Adviser:
    def __init__(self, text: str, searcher: Searcher) -> None:
        self.text, self.searcher = text, searcher

    def look(self, node: Expression, vocabulary: Vocabulary) -> Iterator[Problem]:
        terms = node.terms if isinstance(node, And) else (node,)
        yield from self.split_values(terms, vocabulary)
        if isinstance(node, And):
            yield from self.contradictions(node, vocabulary)
        yield from self.without_words(node)
        if isinstance(node, Group):
            group = vocabulary.group(node.name.text)
            if group is None:
                return
            vocabulary = group.vocabulary
        for child in children(node):
            yield from self.look(child, vocabulary)

    def without_words(self, node: Expression) -> Iterator[Problem]:
        if isinstance(node, Word | Phrase) and not words_of(node.text):
            message = f"“{node.text}” has no letter and no digit, so it is passed over."
            problem = Problem(Code.NO_WORDS, message, node.start, node.end)
            yield problem.putting(self.text, "")

    def split_values(
        self, terms: tuple[Expression, ...], vocabulary: Vocabulary
    ) -> Iterator[Problem]:
        """`name:Bruce Wayne` is name:Bruce, and Wayne anywhere."""
        for place, term in enumerate(terms):
            if not isinstance(term, Comparison | Word):
                continue
            found = self._followers(terms[place + 1 :])
            if isinstance(term, Word):
                first, start = term.text, term.start
                is_text = place == 0 or not isinstance(terms[place - 1], Word | Comparison)
            else:
                first, start = term.value.text, term.value.start
                is_text = self._is_unquoted_text(term, vocabulary)
            if is_text and (problem := self._split_value(first, start, found, term)):
                yield problem

    def _followers(self, terms: tuple[Expression, ...]) -> list[Word]:
        """The words that stand directly behind."""
        words: list[Word] = []
        for term in terms:
            if not isinstance(term, Word):
                break
            words.append(term)
        return words

    def _is_unquoted_text(self, term: Comparison, vocabulary: Vocabulary) -> bool:
        field = vocabulary.field(term.name.text, self.searcher)
        is_one = term.operator in {":", "=", "!="} and not term.value.quoted
        special = term.value.is_any or term.value.is_none
        return bool(field and field.kind in TEXTUAL and is_one and not special)

    def _split_value(
        self, first: str, start: int, followers: list[Word], term: Expression
    ) -> Problem | None:
        words = [first, *(word.text for word in followers)]
        if first.startswith("'") and len(first) > 1:
            last = next((at for at, word in enumerate(words) if word.endswith("'")), None)
            if last is None:
                return None
            inside = " ".join(words[: last + 1])[1:-1]
            end = followers[last - 1].end if last else term.end
            message = "Single quotes are read as part of the words."
            problem = Problem(Code.SINGLE_QUOTES, message, start, end, "Use double quotes.")
            return problem.putting(self.text, quoted(inside))
        if not followers or isinstance(term, Word):
            return None
        whole = " ".join(words)
        message = f"Only “{first}” belongs to the field; the other words are looked for anywhere."
        problem = Problem(Code.UNQUOTED_WORDS, message, start, followers[-1].end)
        return problem.putting(self.text, quoted(whole))

    def contradictions(self, node: And, vocabulary: Vocabulary) -> Iterator[Problem]:
        """`status:a status:b`: no row has two values of one field."""
        first: dict[str, Comparison] = {}
        for term in node.terms:
            if not isinstance(term, Comparison) or term.operator not in {":", "="}:
                continue
            field = vocabulary.field(term.name.text, self.searcher)
            if not isinstance(field, Choice) or field.rows:
                continue
            before = first.setdefault(field.name, term)
            if before is not term and self._differ(field, before.value, term.value):
                yield self._contradiction(before, term)

    def _differ(self, field: Choice, one: Value, other: Value) -> bool:
        if one.is_any or other.is_any:
            return False
        try:
            return field.excludes(one, other, self.searcher)
        except ReadingError:
            return False

    def _contradiction(self, one: Comparison, other: Comparison) -> Problem:
        message = f"Nothing has two values of {one.name} at once."
        either = f"{one.name} in ({one.value}, {other.value})"
        before, between, after = (
            self.text[: one.start],
            self.text[one.end : other.start],
            self.text[other.end :],
        )
        joined = between.strip().lower() in {"", "and"}
        fix = f"{before}{either}{'' if joined else between}{after}".strip()
        hint = f"{either} finds either of them."
        return Problem(Code.NEVER_MATCHES, message, other.start, other.end, hint, fix)
