"""Another parser of the search language, built from `grammar.lark`."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, UnexpectedInput

from search.language.parser import normalize
from search.language.tree import (
    And,
    Comparison,
    Everything,
    Expression,
    Group,
    Name,
    Not,
    Operator,
    Or,
    Phrase,
    Query,
    SortKey,
    Value,
    Word,
)

GRAMMAR = Path(__file__).with_name("grammar.lark")


class GrammarError(Exception):
    """The text isn't a query by the grammar and the rules of this builder."""


def read(text: str) -> Query:
    """Return the tree of a query. Raises GrammarError."""
    try:
        query: Any = built().parse(normalize(text))
    except UnexpectedInput as error:
        raise GrammarError from error
    return query  # type: ignore[no-any-return]  # lark knows only trees


@cache
def built(*, strict: bool = False) -> Lark:
    """Build a parser. A strict one refuses an ambiguous grammar."""
    options: dict[str, Any] = {"parser": "lalr", "lexer": "contextual", "strict": strict}
    options |= {"transformer": Builder(), "maybe_placeholders": False}
    return Lark(GRAMMAR.read_text(), **options)


def span(token: Token) -> tuple[int, int]:
    return token.start_pos or 0, token.end_pos or 0


def unquoted(token: Token) -> str:
    return re.sub(r"\\([\s\S])", r"\1", token[1:-1]) if token.type == "STRING" else str(token)


def value(token: Token) -> Value:
    text = " ".join(token.split()) if token.type == "DATE_PHRASE" else unquoted(token)
    return Value(*span(token), text, token.type == "STRING")


def numbers(pattern: str, token: Token) -> tuple[int, ...]:
    found = re.fullmatch(pattern, token, re.ASCII)
    read = tuple(map(int, found.groups())) if found else (0,)
    if not 1 <= read[0] <= read[-1]:
        raise GrammarError
    return read


class Builder:
    """Make a node of each rule. A method gets the children of its rule."""

    def word(self, children: list[Token]) -> Word:
        if children[0].lower() in {"and", "or"}:
            raise GrammarError
        return Word(*span(children[0]), str(children[0]))

    def phrase(self, children: list[Token]) -> Phrase:
        return Phrase(*span(children[0]), unquoted(children[0]))

    def everything(self, children: list[Token]) -> Everything:
        return Everything(*span(children[0]))

    def comparison(self, children: list[Token]) -> Comparison:
        name, operator, last = children
        if name.type == "WORD" and name.lower() in {"sort", "limit", "slice"}:
            raise GrammarError
        field = Name(*span(name), unquoted(name))
        found = value(last)
        return Comparison(field.start, found.end, field, str(operator), (found,))  # type: ignore[arg-type]

    def one_of(self, children: list[Token]) -> Comparison:
        name, keyword, *values, close = children
        field = Name(*span(name), unquoted(name))
        operator: Operator = "not in" if keyword.type == "NOT_IN" else "in"
        return Comparison(
            field.start, span(close)[1], field, operator, tuple(value(each) for each in values)
        )

    def group(self, children: list[Any]) -> Group:
        opening, *inside, close = children
        start, end = span(opening)
        name = Name(start, end - 1, str(opening[:-1]))
        return Group(start, span(close)[1], name, inside[0] if inside else None)

    def not_(self, children: list[Any]) -> Not:
        return Not(span(children[0])[0], children[1].end, children[1])

    def and_(self, terms: list[Expression]) -> And:
        return And(terms[0].start, terms[-1].end, tuple(terms))

    def or_(self, terms: list[Expression]) -> Or:
        return Or(terms[0].start, terms[-1].end, tuple(terms))

    def key(self, children: list[Token]) -> SortKey:
        name = Name(*span(children[-1]), unquoted(children[-1]))
        return SortKey(span(children[0])[0], name.end, name, len(children) == 2)

    def sort(self, keys: list[SortKey]) -> tuple[str, list[SortKey]]:
        return "sort", keys

    def limit(self, children: list[Token]) -> tuple[str, tuple[int, ...]]:
        return "limit", numbers(r"(\d{1,9})", children[0])

    def slice(self, children: list[Token]) -> tuple[str, tuple[int, ...]]:
        return "slice", numbers(r"(\d{1,6})/(\d{1,6})", children[0])

    def start(self, items: list[Any]) -> Query:
        terms: list[Expression] = []
        found: dict[str, list[Any]] = {"sort": [], "limit": [], "slice": []}
        for item in items:
            if isinstance(item, tuple):
                found[item[0]] += item[1] if item[0] == "sort" else [item[1]]
            else:
                terms += item.terms if isinstance(item, And) else [item]
        if len(found["limit"]) > 1 or len(found["slice"]) > 1:
            raise GrammarError
        where = self.and_(terms) if len(terms) > 1 else next(iter(terms), None)
        limit = found["limit"][0][0] if found["limit"] else None
        part = found["slice"][0] if found["slice"] else None
        return Query(0, 0, where, tuple(found["sort"]), limit, part)
