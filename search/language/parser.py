"""Parse text into the syntax tree. The grammar is tests/search/language/grammar.lark."""

import re

from search.language.errors import Code, Problem, QueryError
from search.language.syntax_errors import (
    QUOTED_OR_PARENTHESIS,
    explain,
    foreign_operator,
    misplaced_directive,
    misplaced_keyword,
)
from search.language.tokens import DIRECTIVES, TERM_STARTS, Place
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
    walk,
)

MAX_LENGTH = 10_000  # a list of 500 phone numbers fits
MAX_LEVELS = 20
MAX_TERMS = 100
MAX_VALUES = 500
MAX_WORDS = 10 * MAX_TERMS
# Quotes that phones type, and NUL, which no database stores. Each becomes one character, so that
# positions stay valid.
TYPED = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"', "\0": " "})
UNSTORABLE = re.compile("[\ud800-\udfff]")
WORDS = re.compile(r'"(?:[^"\\]|\\[\s\S])*(?:"|\\?\Z)|[^\s"()]+')
ESCAPED = re.compile(r"\\([\s\S])")
NUMBERS = {
    "LIMIT": (r"(\d{1,9})", "limit: takes a whole number, 1 or more.", "limit:5"),
    "SLICE": (
        r"(\d{1,6})/(\d{1,6})",
        "slice: takes the number of a part and the number of parts.",
        "slice:2/10",
    ),
}
LISTS = re.compile(r'\bin\s*\((?:[^()"]|"(?:[^"\\]|\\[\s\S])*")*\)', re.IGNORECASE)


def parse(text: str) -> Query:
    """Return the syntax tree of a query. Raises QueryError."""
    if len(text) > MAX_LENGTH:
        raise too_complex(text, MAX_LENGTH, len(text), f"more than {MAX_LENGTH:,} characters")
    text = normalize(text)
    check_parentheses(text)
    _check_length(text)
    if ("||" in text or "&&" in text) and (problem := foreign_operator(text)):
        raise QueryError(problem, text)
    parser = Parser(text)
    try:
        query = parser.query()
    except Unexpected as error:
        problem = explain(text, parser.kind, parser.start, parser.end, parser.place)
        raise QueryError(problem, text) from error
    except QueryError as error:
        error.text = text
        raise
    _check_size(text, query)
    return query


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


def check_parentheses(text: str) -> None:
    """Raise QueryError for a text with more levels than the parser can descend."""
    if text.count("(") <= MAX_LEVELS:
        return
    level = 0
    for match in QUOTED_OR_PARENTHESIS.finditer(text):
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


class Unexpected(Exception):  # noqa: N818 - what came next, not what failed
    """The parser's next token can't come at its place."""


class Parser:
    """A recursive-descent parser, with a method for each rule of the grammar.

    `kind`, `start`, and `end` are those of the next token.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.kind = ""
        self.start = self.end = 0
        self.place = Place.TOP

    def read(self, place: Place) -> None:
        """Read the next token. Raises Unexpected if it can't come at this place."""
        self.place = place
        match = place.pattern.match(self.text, self.end)
        if match is None:
            # Only a quotation mark without its match is no token anywhere.
            match = Place.ANY.pattern.match(self.text, self.end)
            self.kind = (match and match.lastgroup) or ""
            self.start = len(self.text) - len(self.text[self.end :].lstrip())
            self.end = match.end() if match else self.start + 1
            raise Unexpected
        kind = match.lastgroup or ""
        self.start, self.end = match.span(kind)
        if place.keywords and kind in {"WORD", "WORD_VALUE"}:
            kind = place.keywords.get(match[kind].lower(), kind)
        self.kind = kind

    @property
    def token(self) -> str:
        return self.text[self.start : self.end]

    def unquoted(self) -> str:
        """Return the token, without the quotes and backslashes of a string."""
        return ESCAPED.sub(r"\1", self.token[1:-1]) if self.kind == "STRING" else self.token

    def query(self) -> Query:
        """Parse the text. Raises Unexpected, and QueryError for what it explains itself."""
        terms: list[Expression] = []
        sort: list[SortKey] = []
        numbers: dict[str, tuple[int, ...]] = {}
        self.read(Place.TOP)
        while (kind := self.kind) != "END":
            if kind in TERM_STARTS:
                term = self.or_()
                terms += term.terms if isinstance(term, And) else [term]
            elif kind == "SORT":
                sort += self.sort()
            elif kind in DIRECTIVES:
                numbers[kind] = self.numbers(is_second=kind in numbers)
            else:
                raise Unexpected
        where = And(terms[0].start, terms[-1].end, tuple(terms)) if terms[1:] else None
        (limit,) = numbers.get("LIMIT", (None,))
        number, count = numbers.get("SLICE", (0, 0))
        part = (number, count) if count else None
        return Query(0, len(self.text), where or next(iter(terms), None), tuple(sort), limit, part)

    def or_(self) -> Expression:
        terms = [self.and_()]
        while self.kind == "OR":
            self.read(Place.TERM)
            terms.append(self.and_())
        return Or(terms[0].start, terms[-1].end, tuple(terms)) if terms[1:] else terms[0]

    def and_(self) -> Expression:
        terms = [self.term()]
        while self.kind == "AND" or self.kind in TERM_STARTS:
            if self.kind == "AND":
                self.read(Place.TERM)
            terms.append(self.term())
        return And(terms[0].start, terms[-1].end, tuple(terms)) if terms[1:] else terms[0]

    def term(self) -> Expression:
        signs = []  # a loop, because there can be more than Python has levels of recursion
        while self.kind in {"NOT", "MINUS"}:
            signs.append(self.start)
            self.read(Place.TERM)
        term = self.word() if self.kind in {"WORD", "STRING"} else self.group()
        for start in reversed(signs):
            term = Not(start, term.end, term)
        return term

    def group(self) -> Expression:
        kind, start, end, name = self.kind, self.start, self.end, self.token[:-1]
        if kind == "STAR":
            self.read(Place.AFTER_TERM)
            return Everything(start, end)
        self.read(Place.IN_GROUP if kind == "GROUP" else Place.TERM)
        where = self.or_() if self.kind != "CLOSE" else None
        end_of_group = self.close()
        if kind == "OPEN" and where:
            return where
        return Group(start, end_of_group, Name(start, end - 1, name), where)

    def close(self) -> int:
        """Read a closing parenthesis, and return its end."""
        if self.kind != "CLOSE":
            raise Unexpected
        end = self.end
        self.read(Place.AFTER_TERM)
        return end

    def word(self) -> Comparison | Word | Phrase:
        kind, start, end, text = self.kind, self.start, self.end, self.unquoted()
        self.read(Place.AFTER_NAME)
        if self.kind == "OPERATOR":
            comparison = self.comparison(Name(start, end, text))
            if kind == "WORD" and text.lower() in {"sort", "limit", "slice"}:
                raise QueryError(misplaced_directive(text, start, end))
            return comparison
        if self.kind in {"IN", "NOT_IN"}:
            return self.one_of(Name(start, end, text))
        if kind == "STRING":
            return Phrase(start, end, text)
        if text.lower() in {"and", "or"}:
            raise QueryError(misplaced_keyword(text, start, end))
        return Word(start, end, text)

    def comparison(self, name: Name) -> Comparison:
        operator: Operator = self.token  # type: ignore[assignment]  # one of them by its pattern
        value = self.value()
        self.read(Place.AFTER_TERM)
        return Comparison(name.start, value.end, name, operator, (value,))

    def one_of(self, name: Name) -> Comparison:
        operator: Operator = "in" if self.kind == "IN" else "not in"
        values = []
        while self.kind != "CLOSE":
            values.append(self.value())
            self.read(Place.AFTER_VALUE)
        return Comparison(name.start, self.close(), name, operator, tuple(values))

    def value(self) -> Value:
        self.read(Place.VALUE)
        text = " ".join(self.token.split()) if self.kind == "DATE_PHRASE" else self.unquoted()
        return Value(self.start, self.end, text, self.kind == "STRING")

    def sort(self) -> list[SortKey]:
        keys = [self.key()]
        while self.kind == "COMMA":
            keys.append(self.key())
        return keys

    def key(self) -> SortKey:
        self.read(Place.KEY)
        start, descending = self.start, self.kind == "MINUS"
        if descending:
            self.read(Place.KEY_NAME)
        name = Name(self.start, self.end, self.unquoted())
        self.read(Place.AFTER_KEY)
        return SortKey(start, name.end, name, descending)

    def numbers(self, *, is_second: bool) -> tuple[int, ...]:
        """Parse what follows `limit:` or `slice:`. Raises QueryError."""
        pattern, message, example = NUMBERS[self.kind]
        self.read(Place.NUMBER)
        start, end, found = self.start, self.end, re.fullmatch(pattern, self.token, re.ASCII)
        self.read(Place.TOP)
        numbers = tuple(map(int, found.groups())) if found else ()
        if not numbers or not 1 <= numbers[0] <= numbers[-1]:
            raise QueryError(Problem(Code.BAD_NUMBER, message, start, end, f"Try `{example}`."))
        if is_second:
            message = "Use limit: and slice: only once each."
            raise QueryError(Problem(Code.UNEXPECTED, message, start, end))
        return numbers
