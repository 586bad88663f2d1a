"""Errors and warnings: problems with a stable code and a position in the text."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any


class Code(StrEnum):
    """What kind of problem it is. Programs compare codes, so they never change."""

    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_VALUE = "unknown_value"
    NOT_TRACKED = "not_tracked"  # also a warning, for a bare word
    BAD_NUMBER = "bad_number"
    BAD_DATE = "bad_date"
    BAD_PHONE = "bad_phone"
    BAD_OPERATOR = "bad_operator"
    MISSING_VALUE = "missing_value"
    UNCLOSED_PARENTHESIS = "unclosed_parenthesis"
    UNCLOSED_QUOTE = "unclosed_quote"
    UNEXPECTED = "unexpected"
    CYCLE = "cycle"
    BROKEN_VIEW = "broken_view"
    TOO_COMPLEX = "too_complex"
    TOO_SLOW = "too_slow"
    BUSY = "busy"
    # Warnings: the query runs.
    UNQUOTED_WORDS = "unquoted_words"
    SINGLE_QUOTES = "single_quotes"
    NEVER_MATCHES = "never_matches"
    NO_WORDS = "no_words"
    BARE_WORD = "bare_word"


@dataclass(frozen=True)
class Fix:
    """A corrected query. `count` is the number of rows that it finds, empty if not counted."""

    query: str
    count: str = ""


@dataclass(frozen=True)
class Problem:
    """What's wrong with `text[start:end]`, and corrected queries.

    Fixes may be guesses: `search.answering.fixes` drops those that don't compile, and uses
    `fallback_fixes` only if none is left. `count_rows` shows each fix with its number of rows.
    """

    code: Code
    message: str
    start: int
    end: int
    hint: str = ""
    fixes: tuple[Fix, ...] = ()
    fallback_fixes: tuple[Fix, ...] = ()
    count_rows: bool = False

    @property
    def fix(self) -> str:
        """Return the most likely corrected query, or an empty string."""
        return self.fixes[0].query if self.fixes else ""

    def with_fixes(self, *queries: str) -> "Problem":
        return replace(self, fixes=_fixes(queries))

    def with_fallbacks(self, *queries: str) -> "Problem":
        return replace(self, fallback_fixes=_fixes(queries))

    def with_replacements(self, text: str, *replacements: str) -> "Problem":
        """Add the queries in which a replacement stands for the marked text."""
        return self.with_fixes(
            *(replace_span(text, self.start, self.end, replacement) for replacement in replacements)
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": str(self.code),
            "message": self.message,
            "start": self.start,
            "end": self.end,
            "hint": self.hint,
            "fix": self.fix,
            "fixes": [fix.query for fix in self.fixes],
        }


def replace_span(text: str, start: int, end: int, replacement: str) -> str:
    """Replace `text[start:end]`, and remove spaces that this leaves behind."""
    before, after = text[:start], text[end:]
    if not replacement and before.endswith(" "):
        after = after.lstrip()
    return f"{before}{replacement}{after}".strip()


def _fixes(queries: tuple[str, ...]) -> tuple[Fix, ...]:
    return tuple(Fix(query) for query in dict.fromkeys(queries) if query)


@dataclass
class QueryError(Exception):
    """The only error that the search language raises, for any input.

    `original` is the problem as found. `problem` is what to show: `prepare` runs on first access,
    because it checks fixes against the database.
    """

    original: Problem
    text: str = field(default="", repr=False)
    prepare: Callable[[Problem], Problem] | None = field(default=None, repr=False)

    @cached_property
    def problem(self) -> Problem:
        return self.prepare(self.original) if self.prepare else self.original

    def __str__(self) -> str:
        return self.problem.message
