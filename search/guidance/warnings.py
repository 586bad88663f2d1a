"""Warnings: the query runs, but the user probably meant another one."""

import re
from collections.abc import Iterator

from search.guidance.bare_words import BareWords
from search.guidance.semantic_errors import longer_values
from search.language.errors import Code, Problem
from search.language.tree import (
    And,
    Comparison,
    Expression,
    Group,
    Or,
    Phrase,
    Query,
    Value,
    Word,
    children,
    quoted,
)
from search.words.choice_fields import ChoiceField
from search.words.context import SearchContext
from search.words.fields import Field, Impossible, ReadingError
from search.words.phone_fields import PhoneField
from search.words.text_lookups import is_searchable
from search.words.vocabulary import Vocabulary

# Phone numbers as people type them, with spaces and parentheses.
PHONE = re.compile(r"\+?[\d(][\d() .-]{5,}\d")
TEXTUAL = {"text", "user", "number or text"}


def find_warnings(
    text: str, query: Query, vocabulary: Vocabulary, context: SearchContext
) -> list[Problem]:
    """Return the warnings for a query. Fixes are guesses: see `search.answering.fixes`."""
    if query.where is None:
        return []
    finder = _WarningFinder(text, context)
    found = [
        *finder.bare.check_terms(_terms(query.where), vocabulary),
        *finder.check_term(query.where, vocabulary),
        *finder.bare.check_query(query, vocabulary),
    ]
    return _deduplicated(found)


def _terms(node: Expression) -> tuple[Expression, ...]:
    return node.terms if isinstance(node, And) else (node,)


def _deduplicated(problems: list[Problem]) -> list[Problem]:
    """Keep the first of several warnings about the same text."""
    unique: list[Problem] = []
    for problem in problems:
        if not any(problem.start < each.end and each.start < problem.end for each in unique):
            unique.append(problem)
    return unique


class _WarningFinder:
    def __init__(self, text: str, context: SearchContext) -> None:
        self.text, self.context = text, context
        self.bare = BareWords(text, context)

    def check_term(self, node: Expression, vocabulary: Vocabulary) -> Iterator[Problem]:
        terms = _terms(node)
        yield from self.check_cut_off_values(terms, vocabulary)
        if isinstance(node, And):
            yield from self.check_contradictions(node, vocabulary)
        if isinstance(node, Or):
            yield from self.bare.check_alternatives(node, vocabulary)
        if isinstance(node, Comparison):
            yield from self.check_value(node, vocabulary)
        yield from self.check_letters(node)
        if isinstance(node, Group):
            group = vocabulary.group(node.name.text)
            if group is None:
                return
            vocabulary = group.vocabulary
        for child in children(node):
            if not isinstance(node, And):
                yield from self.bare.check_terms(_terms(child), vocabulary)
            yield from self.check_term(child, vocabulary)

    def check_letters(self, node: Expression) -> Iterator[Problem]:
        if isinstance(node, Word | Phrase) and not is_searchable(node.text):
            message = f"“{node.text}” has no letters or digits and was ignored."
            problem = Problem(Code.NO_WORDS, message, node.start, node.end)
            yield problem.with_replacements(self.text, "")

    def check_value(self, node: Comparison, vocabulary: Vocabulary) -> Iterator[Problem]:
        """Warn about values that no row can have, and values cut off at a space."""
        field, value = vocabulary.field(node.name.text, self.context), node.value
        if field is None or value.is_any or field.is_none(value):
            return
        if field.kind == "text" and not is_searchable(value.text):
            message = f"“{value.text}” has no letters or digits, so it matches nothing."
            yield Problem(Code.NEVER_MATCHES, message, value.start, value.end)
        if isinstance(field, PhoneField) and not value.quoted:
            yield from self._longer_number(value)
        for each in node.values:
            if why := self._impossible(field, node.operator, each):
                message, replacements = why
                problem = Problem(Code.NEVER_MATCHES, message, each.start, each.end)
                yield problem.with_replacements(self.text, *replacements)

    def _longer_number(self, value: Value) -> Iterator[Problem]:
        number = PHONE.match(self.text, value.start)
        if number and number.end() > value.end:
            message = f"Only “{value.text}” was searched as the phone number."
            problem = Problem(Code.UNQUOTED_WORDS, message, value.start, number.end())
            yield problem.with_replacements(self.text, quoted(number[0]))

    def _impossible(self, field: Field, operator: str, value: Value) -> Impossible | None:
        try:
            return field.impossible(
                ":" if operator in {"in", "not in"} else operator, value, self.context
            )
        except ReadingError:
            return None

    def check_cut_off_values(
        self, terms: tuple[Expression, ...], vocabulary: Vocabulary
    ) -> Iterator[Problem]:
        """Warn that `name:Bruce Wayne` searches Bruce in the name, and Wayne anywhere."""
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
                if not is_text and (problem := self._longer_choice(term, vocabulary)):
                    yield problem
            if is_text and (problem := self._cut_off_value(first, start, found, term)):
                yield problem

    def _followers(self, terms: tuple[Expression, ...]) -> list[Word]:
        """Return the bare words that directly follow a term."""
        words: list[Word] = []
        for term in terms:
            if not isinstance(term, Word):
                break
            words.append(term)
        return words

    def _is_unquoted_text(self, term: Comparison, vocabulary: Vocabulary) -> bool:
        field = vocabulary.field(term.name.text, self.context)
        is_one = term.operator in {":", "=", "!="} and not term.value.quoted
        special = term.value.is_any or term.value.is_none
        return bool(field and field.kind in TEXTUAL and is_one and not special)

    def _longer_choice(self, term: Comparison, vocabulary: Vocabulary) -> Problem | None:
        """Warn about `status:trial expired` if both Trial and Trial Expired exist."""
        field = vocabulary.field(term.name.text, self.context)
        if not isinstance(field, ChoiceField) or term.operator not in {":", "=", "!="}:
            return None
        for typed, end in longer_values(self.text, term.value):
            longer = field.replacements(typed, term.operator, self.context, exact=True)
            if longer and end > term.value.end:
                message = f"Only “{term.value.text}” was searched in `{term.name}`."
                problem = Problem(Code.UNQUOTED_WORDS, message, term.value.start, end)
                return problem.with_replacements(self.text, longer[0].value)
        return None

    def _cut_off_value(
        self, first: str, start: int, followers: list[Word], term: Expression
    ) -> Problem | None:
        words = [first, *(word.text for word in followers)]
        if first.startswith("'") and len(first) > 1:
            last = next((at for at, word in enumerate(words) if word.endswith("'")), None)
            if last is None:
                return None
            inside = " ".join(words[: last + 1])[1:-1]
            end = followers[last - 1].end if last else term.end
            message = "Single quotes were searched as part of the words."
            problem = Problem(Code.SINGLE_QUOTES, message, start, end, "Use double quotes.")
            return problem.with_replacements(self.text, quoted(inside))
        if not followers or isinstance(term, Word):
            return None
        whole = " ".join(words)
        message = (
            f"Only “{first}” was searched in this field. The other words were searched anywhere."
        )
        problem = Problem(Code.UNQUOTED_WORDS, message, start, followers[-1].end)
        return problem.with_replacements(self.text, quoted(whole))

    def check_contradictions(self, node: And, vocabulary: Vocabulary) -> Iterator[Problem]:
        """Warn about `status:a status:b`: no row has two values in one field."""
        first: dict[str, Comparison] = {}
        for term in node.terms:
            if not isinstance(term, Comparison) or term.operator not in {":", "="}:
                continue
            field = vocabulary.field(term.name.text, self.context)
            if not isinstance(field, ChoiceField) or field.rows:
                continue
            before = first.setdefault(field.name, term)
            if before is not term and self._differ(field, before.value, term.value):
                yield self._contradiction(before, term)

    def _differ(self, field: ChoiceField, one: Value, other: Value) -> bool:
        if one.is_any or other.is_any:
            return False
        try:
            return field.excludes(one, other, self.context)
        except ReadingError:
            return False

    def _contradiction(self, one: Comparison, other: Comparison) -> Problem:
        message = f"`{one.name}` can't have two values at once."
        either = f"{one.name} in ({one.value}, {other.value})"
        before, between, after = (
            self.text[: one.start],
            self.text[one.end : other.start],
            self.text[other.end :],
        )
        joined = between.strip().lower() in {"", "and"}
        fix = f"{before}{either}{'' if joined else between}{after}".strip()
        hint = f"Use `{either}` to find either value."
        return Problem(Code.NEVER_MATCHES, message, other.start, other.end, hint).with_fixes(fix)
