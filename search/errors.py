"""What the language answers instead of rows: problems with a stable code and a place."""

from dataclasses import dataclass, field, replace
from enum import StrEnum


class Code(StrEnum):
    """Stable: programs compare them. A problem is an error, unless it is among the warnings."""

    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_VALUE = "unknown_value"
    NOT_TRACKED = "not_tracked"
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


@dataclass(frozen=True)
class Problem:
    """What is wrong with `text[start:end]`, what could stand there, and a corrected query."""

    code: Code
    message: str
    start: int
    end: int
    hint: str = ""
    fix: str = ""

    def putting(self, text: str, replacement: str) -> "Problem":
        """With the query in which the replacement stands for what is wrong."""
        before, after = text[: self.start], text[self.end :]
        if not replacement and before.endswith(" "):
            after = after.lstrip()
        fix = f"{before}{replacement}{after}"
        return replace(self, fix=fix.strip())

    def as_dict(self) -> dict[str, str | int]:
        return {
            "code": str(self.code),
            "message": self.message,
            "start": self.start,
            "end": self.end,
            "hint": self.hint,
            "fix": self.fix,
        }


@dataclass
class QueryError(Exception):
    """The only error that the language raises, whatever it is given."""

    problem: Problem
    text: str = field(default="", repr=False)

    def __str__(self) -> str:
        return self.problem.message
