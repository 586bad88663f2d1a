"""Parse text into the syntax tree."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, UnexpectedInput

from search.language.errors import Code, Problem, QueryError
from search.language.syntax_errors import (
    explain,
    foreign_operator,
    misplaced_directive,
    misplaced_keyword,
)
from search.language.tree import (
    And,
    Comparison,
    Everything,
    Expression,
    Group,
    Name,
    Node,
    Not,
    Or,
    Phrase,
    Query,
    SortKey,
    Value,
    Word,
    walk,
)

GRAMMAR = Path(__file__).with_name("grammar.lark")
MAX_LENGTH = 10_000  # a list of 500 phone numbers fits
MAX_LEVELS = 20
MAX_TERMS = 100
MAX_VALUES = 500
MAX_WORDS = 10 * MAX_TERMS
# Quotes that phones type, and NUL, which no database stores. Each becomes one character, so that
# positions stay valid.
TYPED = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"', "\0": " "})
UNSTORABLE = re.compile("[\ud800-\udfff]")
ESCAPED = re.compile(r"\\([\s\S])")
WORDS = re.compile(r'"(?:[^"\\]|\\[\s\S])*(?:"|\\?\Z)|[^\s"()]+')
LISTS = re.compile(r'\bin\s*\((?:[^()"]|"(?:[^"\\]|\\[\s\S])*")*\)', re.IGNORECASE)
PARENTHESES = re.compile(r'"(?:[^"\\]|\\[\s\S])*(?:"|\\?\Z)|([()])')


def parse(text: str) -> Query:
    """Return the syntax tree of a query. Raises QueryError."""
    if len(text) > MAX_LENGTH:
        raise too_complex(text, MAX_LENGTH, len(text), f"more than {MAX_LENGTH:,} characters")
    text = normalize(text)
    _check_parentheses(text)
    _check_length(text)
    if ("||" in text or "&&" in text) and (problem := foreign_operator(text)):
        raise QueryError(problem, text)
    try:
        query: Any = parser().parse(text)
    except UnexpectedInput as error:
        raise QueryError(explain(text, error), text) from error
    except QueryError as error:
        error.text = text
        raise
    _check_size(text, query)
    return query  # type: ignore[no-any-return]  # lark knows only trees


def normalize(text: str) -> str:
    """Return the text with straight quotes, and without characters that no database stores."""
    if text.isascii() and "\0" not in text:
        return text
    return UNSTORABLE.sub("\ufffd", text).translate(TYPED)


def too_complex(text: str, start: int, end: int, what: str) -> QueryError:
    message = f"This search is too long: it has {what}."
    hint = 'Save a part of it as a view and use in:"…".'
    return QueryError(Problem(Code.TOO_COMPLEX, message, start, end, hint), text)


def _check_length(text: str) -> None:
    """Refuse a text that is too long before it's parsed. A term has at most ten words."""
    if len(text) <= MAX_WORDS:
        return
    words = WORDS.findall(LISTS.sub(" ", text))
    if len(words) > MAX_WORDS:
        raise too_complex(text, 0, len(text), f"more than {MAX_TERMS} terms")


def _check_parentheses(text: str) -> None:
    if text.count("(") <= MAX_LEVELS:
        return
    level = 0
    for match in PARENTHESES.finditer(text):
        level += {"(": 1, ")": -1}.get(match[0], 0)
        if level > MAX_LEVELS:
            what = f"more than {MAX_LEVELS} levels of parentheses"
            raise too_complex(text, *match.span(), what)


def _is_small(text: str) -> bool:
    """Return whether the tree must be small, without walking it.

    A term takes a character, and a level takes a `(` or a `not`. A parenthesis adds up to three
    levels: its group, an `or`, and an `and`.
    """
    levels = 2 + 3 * text.count("(") + text.count("-") + text.lower().count("not")
    return len(text) <= MAX_TERMS and levels <= MAX_LEVELS


def _check_size(text: str, query: Query) -> None:
    if _is_small(text):
        return
    terms = len(query.sort)
    if terms > MAX_TERMS:
        raise too_complex(
            text, query.sort[MAX_TERMS].start, len(text), f"more than {MAX_TERMS} terms"
        )
    for term, level in walk(query.where):
        if level > MAX_LEVELS:
            raise too_complex(text, term.start, term.end, f"more than {MAX_LEVELS} levels")
        terms += not isinstance(term, And | Or | Not)
        if terms > MAX_TERMS:
            raise too_complex(text, term.start, len(text), f"more than {MAX_TERMS} terms")
        if isinstance(term, Comparison) and len(term.values) > MAX_VALUES:
            what = f"more than {MAX_VALUES} values in a list"
            raise too_complex(text, term.values[MAX_VALUES].start, term.end, what)


@cache
def parser() -> Lark:
    """Return the parser, built once per process."""
    return build()


def build(*, strict: bool = False) -> Lark:
    """Build a parser. A strict one refuses an ambiguous grammar."""
    options: dict[str, Any] = {"parser": "lalr", "lexer": "contextual", "strict": strict}
    return Lark(GRAMMAR.read_text(), transformer=Builder(), maybe_placeholders=False, **options)


def _span(token: Token) -> tuple[int, int]:
    return token.start_pos or 0, token.end_pos or 0


def _text(token: Token) -> str:
    if token.type == "STRING":
        return ESCAPED.sub(r"\1", token[1:-1])
    return str(token)


def _value(token: Token) -> Value:
    text = " ".join(token.split()) if token.type == "DATE_PHRASE" else _text(token)
    return Value(*_span(token), text, token.type == "STRING")


def _name(token: Token) -> Name:
    return Name(*_span(token), _text(token))


@dataclass(frozen=True)
class Limit(Node):
    rows: int


@dataclass(frozen=True)
class Slice(Node):
    number: int
    count: int


def _bad_number(token: Token, message: str, example: str) -> QueryError:
    hint = f"Try `{example}`."
    return QueryError(Problem(Code.BAD_NUMBER, message, *_span(token), hint))


def _twice(directive: Node) -> QueryError:
    message = "Use limit: and slice: only once each."
    return QueryError(Problem(Code.UNEXPECTED, message, directive.start, directive.end))


class Builder:
    """Make a tree node of each grammar rule while parsing.

    A method gets the children of its rule as a list, because lark's default of passing them as
    arguments takes a tenth of the parsing time.
    """

    def word(self, children: list[Token]) -> Word:
        [token] = children
        if token.lower() in {"and", "or"}:
            raise QueryError(misplaced_keyword(token, *_span(token)))
        return Word(*_span(token), str(token))

    def phrase(self, children: list[Token]) -> Phrase:
        [token] = children
        return Phrase(*_span(token), _text(token))

    def everything(self, children: list[Token]) -> Everything:
        return Everything(*_span(children[0]))

    def comparison(self, children: list[Token]) -> Comparison:
        name, operator, token = children
        start, end = _span(name)
        if name.type == "WORD" and name.lower() in {"sort", "limit", "slice"}:
            raise QueryError(misplaced_directive(name, start, end))
        value = _value(token)
        field = Name(start, end, _text(name))
        return Comparison(start, value.end, field, str(operator), (value,))  # type: ignore[arg-type]  # one of them by the grammar

    def one_of(self, children: list[Token]) -> Comparison:
        name, operator, *values, close = children
        negated = operator.type == "NOT_IN"
        return Comparison(
            _span(name)[0],
            _span(close)[1],
            _name(name),
            "not in" if negated else "in",
            tuple(map(_value, values)),
        )

    def group(self, children: list[Any]) -> Group:
        opening, *inside, close = children
        start, end = _span(opening)
        name = Name(start, end - 1, str(opening[:-1]))
        return Group(start, _span(close)[1], name, inside[0] if inside else None)

    def not_(self, children: list[Any]) -> Not:
        sign, term = children
        return Not(_span(sign)[0], term.end, term)

    def and_(self, terms: list[Expression]) -> And:
        return And(terms[0].start, terms[-1].end, tuple(terms))

    def or_(self, terms: list[Expression]) -> Or:
        return Or(terms[0].start, terms[-1].end, tuple(terms))

    def key(self, children: list[Token]) -> SortKey:
        name = _name(children[-1])
        return SortKey(_span(children[0])[0], name.end, name, descending=len(children) == 2)

    def sort(self, keys: list[SortKey]) -> tuple[SortKey, ...]:
        return tuple(keys)

    def limit(self, children: list[Token]) -> Limit:
        [token] = children
        if not token.isdecimal() or not 1 <= int(token) <= 10**9:
            raise _bad_number(token, "limit: takes a whole number, 1 or more.", "limit:5")
        return Limit(*_span(token), int(token))

    def slice(self, children: list[Token]) -> Slice:
        [token] = children
        parts = re.fullmatch(r"(\d{1,6})/(\d{1,6})", token, re.ASCII)
        number, count = map(int, parts.groups()) if parts else (0, 0)
        if not 1 <= number <= count:
            message = "slice: takes the number of a part and the number of parts."
            raise _bad_number(token, message, "slice:2/10")
        return Slice(*_span(token), number, count)

    def start(self, items: list[Any]) -> Query:
        if len(items) == 1 and isinstance(items[0], Expression):
            return Query(0, items[0].end, items[0])
        terms = [item for item in items if isinstance(item, Expression)]
        limits = [item for item in items if isinstance(item, Limit)]
        slices = [item for item in items if isinstance(item, Slice)]
        for item in [*limits[1:], *slices[1:]]:
            raise _twice(item)
        return Query(
            0,
            max((item.end for item in items if isinstance(item, Node)), default=0),
            where=_joined(terms),
            sort=tuple(key for item in items if isinstance(item, tuple) for key in item),
            limit=limits[0].rows if limits else None,
            slice=(slices[0].number, slices[0].count) if slices else None,
        )


def _joined(terms: list[Expression]) -> Expression | None:
    """Join the terms between directives with `and`."""
    if len(terms) < 2:
        return terms[0] if terms else None
    flat: list[Expression] = []
    for term in terms:
        flat.extend(term.terms if isinstance(term, And) else [term])
    return And(flat[0].start, flat[-1].end, tuple(flat))
