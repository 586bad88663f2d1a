"""Find out what the grammar accepts at the cursor, for completion."""

import re
from dataclasses import dataclass

from lark import Token, UnexpectedInput

from search.language.errors import QueryError
from search.language.parser import parser

WORDS = {"WORD", "WORD_VALUE", "KEY", "RANGE", "_AND", "_OR", "NOT", "DATE_PHRASE"}
OPENING = {"LPAR", "IN", "NOT_IN", "GROUP"}


@dataclass
class Position:
    """The cursor's position: the tokens before it, the typed word, and what the grammar accepts.

    `typed` is the text from `start` to the cursor. `end` is the end of the word at the cursor.
    """

    tokens: list[Token]
    accepted: set[str]
    typed: str
    start: int
    end: int

    @classmethod
    def find(cls, text: str, cursor: int) -> "Position":
        before = text[:cursor]
        tokens, stopped = _tokens(before)
        start = cursor
        last = tokens[-1] if tokens else None
        if stopped is not None and before[stopped : stopped + 1] == '"':
            start = stopped
        elif last and last.end_pos == cursor and last.type in WORDS and stopped is None:
            start = last.start_pos or 0
        tokens = [token for token in tokens if (token.end_pos or 0) <= start]
        after = re.match(r"[\w.@+-]*", text[cursor:])
        end = cursor + (after.end() if after and start < cursor else 0)
        return cls(tokens, _accepted(before[:start]), before[start:], start, end)

    @property
    def last(self) -> str:
        return self.tokens[-1].type if self.tokens else ""

    def words(self) -> tuple[list[str], int]:
        """Return the bare words that end at the cursor, and where they begin."""
        words, start = [self.typed] if self.typed else [], self.start
        for token in reversed(self.tokens):
            if token.type != "WORD":
                break
            words.insert(0, str(token))
            start = token.start_pos or 0
        return words, start

    def field_name(self) -> str:
        """Return the field of the comparison or list that needs a value."""
        for index in range(len(self.tokens) - 1, 0, -1):
            if self.tokens[index].type in {"OPERATOR", "IN", "NOT_IN"}:
                return name_of(self.tokens[index - 1])
        return ""

    def group_names(self) -> list[str]:
        """Return the names of open groups, outermost first; empty for plain parentheses."""
        names: list[str] = []
        for token in self.tokens:
            if token.type in OPENING:
                names.append(token[:-1] if token.type == "GROUP" else "")
            elif token.type in {"CLOSE", "RPAR"} and names:
                names.pop()
        return names


def _tokens(text: str) -> tuple[list[Token], int | None]:
    """Return the tokens of the text, and where the parser stopped, or None."""
    reading = parser().parse_interactive(text)
    tokens: list[Token] = []
    try:
        tokens.extend(reading.iter_parse())
    except UnexpectedInput as error:
        return tokens, error.pos_in_stream or 0
    except QueryError as error:
        return tokens, error.problem.start
    return tokens, None


def _accepted(text: str) -> set[str]:
    reading = parser().parse_interactive(text)
    try:
        reading.exhaust_lexer()
    except (UnexpectedInput, QueryError):
        return set()
    return set(reading.accepts())  # type: ignore[no-untyped-call]


def name_of(token: Token) -> str:
    """Return the name in a token, without quotes."""
    return token[1:-1] if token.type == "STRING" else str(token)
