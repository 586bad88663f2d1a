"""Find out what the grammar accepts at the cursor, for completion."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from search.language.errors import QueryError
from search.language.parser import Parser, Unexpected, check_parentheses
from search.language.tokens import DIRECTIVES, Place

WORDS = {"WORD", "WORD_VALUE", "KEY", "RANGE", "AND", "OR", "NOT", "DATE_PHRASE"}
OPENING = {"OPEN", "IN", "NOT_IN", "GROUP"}


class Token(NamedTuple):
    kind: str
    start: int
    end: int
    text: str

    @property
    def name(self) -> str:
        """Return the text without quotes."""
        return self.text[1:-1] if self.kind == "STRING" else self.text


class Tracer(Parser):
    """A parser that keeps the tokens that it reads, and where it stopped, if it did."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.tokens: list[Token] = []
        self.stopped: int | None = None
        try:
            check_parentheses(text)
            self.query()
        except (Unexpected, QueryError) as error:
            if self.kind != "END":
                self.stopped = error.problem.start if isinstance(error, QueryError) else self.start

    def read(self, place: Place) -> None:
        super().read(place)
        if self.kind != "END":
            self.tokens.append(Token(self.kind, self.start, self.end, self.token))


@dataclass
class Position:
    """The cursor's position: the text before it as parsed, and the typed word.

    `typed` is the text from `start` to the cursor. `end` is the end of the word at the cursor.
    """

    before: Tracer
    typed: str
    start: int
    end: int

    @classmethod
    def find(cls, text: str, cursor: int) -> "Position":
        traced, start = Tracer(text[:cursor]), cursor
        last = traced.tokens[-1] if traced.tokens else None
        if traced.stopped is not None and text[traced.stopped : traced.stopped + 1] == '"':
            start = traced.stopped
        elif last and last.end == cursor and last.kind in WORDS and traced.stopped is None:
            start = last.start
        after = re.match(r"[\w.@+-]*", text[cursor:])
        end = cursor + (after.end() if after and start < cursor else 0)
        return cls(Tracer(text[:start]), text[start:cursor], start, end)

    @property
    def tokens(self) -> list[Token]:
        return self.before.tokens

    @property
    def last(self) -> str:
        return self.tokens[-1].kind if self.tokens else ""

    @cached_property
    def accepted(self) -> frozenset[str]:
        """Return the tokens that can come at the cursor. After a mistake, none can."""
        if self.before.stopped is not None:
            return frozenset()
        tokens = self.before.place.tokens
        return tokens - DIRECTIVES if self.group_names() else tokens

    def words(self) -> tuple[list[str], int]:
        """Return the bare words that end at the cursor, and where they begin."""
        words, start = [self.typed] if self.typed else [], self.start
        for token in reversed(self.tokens):
            if token.kind != "WORD":
                break
            words.insert(0, token.text)
            start = token.start
        return words, start

    def field_name(self) -> str:
        """Return the field of the comparison or list that needs a value."""
        for index in range(len(self.tokens) - 1, 0, -1):
            if self.tokens[index].kind in {"OPERATOR", "IN", "NOT_IN"}:
                return self.tokens[index - 1].name
        return ""

    def group_names(self) -> list[str]:
        """Return the names of open groups, outermost first; empty for plain parentheses."""
        names: list[str] = []
        for token in self.tokens:
            if token.kind in OPENING:
                names.append(token.text[:-1] if token.kind == "GROUP" else "")
            elif token.kind == "CLOSE" and names:
                names.pop()
        return names
