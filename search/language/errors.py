"""What the language answers instead of rows: problems with a stable code and a place."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any


class Code(StrEnum):
    """Stable: programs compare them. A problem is an error, unless it is among the warnings."""

    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_VALUE = "unknown_value"
    NOT_TRACKED = "not_tracked"  # also a warning, for a word that stands alone
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
    # Warnings: the query runs.
    UNQUOTED_WORDS = "unquoted_words"
    SINGLE_QUOTES = "single_quotes"
    NEVER_MATCHES = "never_matches"
    NO_WORDS = "no_words"
    BARE_WORD = "bare_word"


@dataclass(frozen=True)
class Fix:
    """A corrected query; `count` is how many rows it finds, where that was counted."""

    query: str
    count: str = ""


@dataclass(frozen=True)
class Problem:
    """What is wrong with `text[start:end]`, what could stand there, and corrected queries.

    Whoever makes a problem may guess: `search.fixes` drops the fixes that do not compile, and
    takes those of `otherwise` only where none is left. `counted` fixes are shown with their rows.
    """

    code: Code
    message: str
    start: int
    end: int
    hint: str = ""
    fixes: tuple[Fix, ...] = ()
    otherwise: tuple[Fix, ...] = ()
    counted: bool = False

    @property
    def fix(self) -> str:
        """The likeliest corrected query; empty where there is none."""
        return self.fixes[0].query if self.fixes else ""

    def offering(self, *queries: str) -> "Problem":
        return replace(self, fixes=_fixes(queries))

    def or_else(self, *queries: str) -> "Problem":
        return replace(self, otherwise=_fixes(queries))

    def putting(self, text: str, *replacements: str) -> "Problem":
        """With the queries in which a replacement stands for what is wrong."""
        return self.offering(
            *(put(text, self.start, self.end, replacement) for replacement in replacements)
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


def put(text: str, start: int, end: int, replacement: str) -> str:
    """Return the text with `text[start:end]` replaced, and without blanks that this leaves."""
    before, after = text[:start], text[end:]
    if not replacement and before.endswith(" "):
        after = after.lstrip()
    return f"{before}{replacement}{after}".strip()


def _fixes(queries: tuple[str, ...]) -> tuple[Fix, ...]:
    return tuple(Fix(query) for query in dict.fromkeys(queries) if query)


@dataclass
class QueryError(Exception):
    """The only error that the language raises, whatever it is given.

    `found` is what was found first; `problem` is what to show, checked when somebody looks at it.
    """

    found: Problem
    text: str = field(default="", repr=False)
    check: Callable[[Problem], Problem] | None = field(default=None, repr=False)

    @cached_property
    def problem(self) -> Problem:
        return self.check(self.found) if self.check else self.found

    def __str__(self) -> str:
        return self.problem.message
