"""A query as one plain English sentence, so that nobody has to guess what was understood."""

from dataclasses import dataclass

from search.language.tree import (
    And,
    Comparison,
    Everything,
    Expression,
    Group,
    Key,
    Not,
    Or,
    Phrase,
    Query,
    Value,
    Word,
    quoted,
)
from search.words.context import Searcher
from search.words.descriptions import Clause
from search.words.fields import ReadingError
from search.words.text_fields import spoken_words
from search.words.text_lookups import is_searchable
from search.words.vocabulary import Vocabulary


def sentence(query: Query, vocabulary: Vocabulary, searcher: Searcher) -> str:
    """`Leads created less than 3 days ago (since Nov 20, 2026, 4:55 PM)`. For compiled queries."""
    if query.where is None or isinstance(query.where, Everything) or _is_ignored(query.where):
        said = f"All {vocabulary.nouns}"
    else:
        said = f"{vocabulary.title} {Speaker(vocabulary, searcher, of_one=False).say(query.where)}"
    return said + _directives(query)


def _is_ignored(node: Expression) -> bool:
    return isinstance(node, Word | Phrase) and not is_searchable(node.text)


def _directives(query: Query) -> str:
    said = ""
    if query.sort:
        said += f", sorted by {', then by '.join(map(_key, query.sort))}"
    if query.limit:
        said += f", at most {query.limit:,}"
    if query.slice:
        said += f", part {query.slice[0]} of {query.slice[1]}"
    return said


def _key(key: Key) -> str:
    return f"{key.name.text}{' (descending)' if key.descending else ''}"


@dataclass(frozen=True)
class Speaker:
    """Says a term of many rows (leads `with status error`) or of one (`has status error`)."""

    vocabulary: Vocabulary
    searcher: Searcher
    of_one: bool

    def say(self, node: Expression, *, inside: bool = False) -> str:
        match node:
            case And() | Or():
                joint = " and " if isinstance(node, And) else " or "
                terms = [term for term in node.terms if not _is_ignored(term)]
                if len(terms) == 1:
                    return self.say(terms[0], inside=inside)
                said = joint.join(self.say(term, inside=True) for term in terms)
                return f"({said})" if inside else said
            case Not():
                return self.negated(node.term)
            case Comparison() if self._is_negative(node):
                return self.negative(self._comparison(node))
        return self.positive(self.clause(node))

    def positive(self, clause: Clause) -> str:
        return clause.of_one() if self.of_one else clause.of_many()

    def negative(self, clause: Clause) -> str:
        return clause.not_of_one() if self.of_one else clause.not_of_many()

    def negated(self, node: Expression) -> str:
        match node:
            case And() | Or():
                return f"not {self.say(node, inside=True)}"
            case Not():
                return self.say(node.term, inside=True)
            case Comparison() if self._is_negative(node):
                return self.positive(self._comparison(node))
        return self.negative(self.clause(node))

    def _is_negative(self, node: Comparison) -> bool:
        return (node.operator in {"!=", "not in"}) != self._is_none(node)

    def _is_none(self, node: Comparison) -> bool:
        if node.name.text.lower() in {"has", "in"} or node.operator in {"in", "not in"}:
            return False
        found = self.vocabulary.field(node.name.text, self.searcher)
        return found is not None and found.is_none(node.value)

    def clause(self, node: Expression) -> Clause:
        match node:
            case Word():
                return Clause("has", spoken_words(Value(node.start, node.end, node.text)))
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
        inside = Speaker(group.vocabulary, self.searcher, of_one=True)
        return Clause("has", f"{group.noun} that {inside.say(node.where)}")

    def _comparison(self, node: Comparison) -> Clause:
        name = node.name.text.lower()
        if name == "in":
            views = " or ".join(quoted(value.text) for value in node.values)
            return Clause("is", f"in the view {views}")
        if name == "has":
            return Clause("has", " or ".join(self._flag(value.text) for value in node.values))
        found = self.vocabulary.field(node.name.text, self.searcher)
        if found is None:
            return Clause("has", str(node))
        if self._is_none(node) or (node.operator in {":", "=", "!="} and node.value.is_any):
            return found.say_filled()
        try:
            return found.say(node.operator, node.values, self.searcher)
        except ReadingError:
            return Clause("has", str(node))

    def _flag(self, name: str) -> str:
        if flag := self.vocabulary.flag(name):
            return flag.noun
        if found := self.vocabulary.field(name, self.searcher):
            return found.say_filled().rest
        group = self.vocabulary.group(name)
        return group.noun if group else name
