"""Describe a query in one English sentence, so that people see how it was understood."""

from dataclasses import dataclass

from search.language.tree import (
    And,
    Comparison,
    Everything,
    Expression,
    Group,
    Not,
    Or,
    Phrase,
    Query,
    SortKey,
    Value,
    Word,
    quoted,
)
from search.words.context import SearchContext
from search.words.descriptions import Clause
from search.words.fields import ReadingError
from search.words.text_fields import describe_words
from search.words.text_lookups import is_searchable
from search.words.vocabulary import Vocabulary


def describe_query(query: Query, vocabulary: Vocabulary, context: SearchContext) -> str:
    """Return a sentence such as `Leads created less than 3 days ago (since Nov 20, 2026, 4:55 PM)`.

    The query must compile.
    """
    describer = Describer(vocabulary, context, of_one=False)
    if query.where is None or isinstance(query.where, Everything) or _is_ignored(query.where):
        text = f"All {vocabulary.nouns}"
    else:
        text = f"{vocabulary.title} {describer.describe(query.where)}"
    return text + _directives(query)


def _is_ignored(node: Expression) -> bool:
    return isinstance(node, Word | Phrase) and not is_searchable(node.text)


def _is_group(node: Expression) -> bool:
    return isinstance(node.term if isinstance(node, Not) else node, Group)


def _directives(query: Query) -> str:
    text = ""
    if query.sort:
        text += f", sorted by {', then by '.join(map(_key, query.sort))}"
    if query.limit:
        text += f", at most {query.limit:,}"
    if query.slice:
        text += f", part {query.slice[0]} of {query.slice[1]}"
    return text


def _key(key: SortKey) -> str:
    return f"{key.name.text}{' (descending)' if key.descending else ''}"


@dataclass(frozen=True)
class Describer:
    """Describe a term of many rows (leads `with status error`) or of one (`has status error`)."""

    vocabulary: Vocabulary
    context: SearchContext
    of_one: bool

    def describe(self, node: Expression, *, inside: bool = False) -> str:
        match node:
            case And() | Or():
                joint = " and " if isinstance(node, And) else " or "
                terms = [term for term in node.terms if not _is_ignored(term)]
                if len(terms) == 1:
                    return self.describe(terms[0], inside=inside)
                if any(_is_group(term) for term in terms[:-1]):
                    joint = f",{joint}"  # Otherwise, the next term would seem to be in the group.
                text = joint.join(self.describe(term, inside=True) for term in terms)
                return f"({text})" if inside else text
            case Not():
                return self.negated(node.term)
            case Comparison() if self._is_negative(node):
                return self.negative(self._comparison(node))
        return self.positive(self.clause(node))

    def positive(self, clause: Clause) -> str:
        return clause.after_that() if self.of_one else clause.after_plural()

    def negative(self, clause: Clause) -> str:
        return clause.negated_after_that() if self.of_one else clause.negated_after_plural()

    def negated(self, node: Expression) -> str:
        match node:
            case And() | Or():
                return f"not {self.describe(node, inside=True)}"
            case Not():
                return self.describe(node.term, inside=True)
            case Comparison() if self._is_negative(node):
                return self.positive(self._comparison(node))
        return self.negative(self.clause(node))

    def _is_negative(self, node: Comparison) -> bool:
        return (node.operator in {"!=", "not in"}) != self._is_none(node)

    def _is_none(self, node: Comparison) -> bool:
        if node.name.text.lower() in {"has", "in"} or node.operator in {"in", "not in"}:
            return False
        found = self.vocabulary.field(node.name.text, self.context)
        return found is not None and found.is_none(node.value)

    def clause(self, node: Expression) -> Clause:
        match node:
            case Word():
                return Clause("has", describe_words(Value(node.start, node.end, node.text)))
            case Phrase():
                return Clause("has", f"the words {quoted(node.text)}")
            case Group():
                return self._group(node)
            case Comparison():
                return self._comparison(node)
        return Clause("has", "anything")

    def _group(self, node: Group) -> Clause:
        group = self.vocabulary.group(node.name.text)
        if group is None:
            return Clause("has", node.name.text)
        if node.where is None:
            return Clause("has", group.noun)
        inside = Describer(group.vocabulary, self.context, of_one=True)
        return Clause("has", f"{group.noun} that {inside.describe(node.where)}")

    def _comparison(self, node: Comparison) -> Clause:
        name = node.name.text.lower()
        if name == "in":
            views = " or ".join(quoted(value.text) for value in node.values)
            return Clause("is", f"in the view {views}")
        if name == "has":
            return self._has(node)
        found = self.vocabulary.field(node.name.text, self.context)
        if found is None:
            return Clause("has", str(node))
        if self._is_none(node) or (node.operator in {":", "=", "!="} and node.value.is_any):
            return found.describe_filled()
        try:
            return found.describe(node.operator, node.values, self.context)
        except ReadingError:
            return Clause("has", str(node))

    def _has(self, node: Comparison) -> Clause:
        flags = [self.vocabulary.flag(value.text) for value in node.values]
        adjectives = [flag.adjective for flag in flags if flag and flag.adjective]
        if len(adjectives) == len(flags):
            return Clause("is", " or ".join(adjectives))
        return Clause("has", " or ".join(self._flag(value.text) for value in node.values))

    def _flag(self, name: str) -> str:
        if flag := self.vocabulary.flag(name):
            return flag.noun
        if found := self.vocabulary.field(name, self.context):
            return found.describe_filled().rest
        group = self.vocabulary.group(name)
        return group.noun if group else name
