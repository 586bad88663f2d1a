"""Split a query into tokens. Which can come next depends on the place in the query.

After an operator only a value can, so `email:a@b.com` and `updated>=2018-07-17T08:21:29` need no
quotes.
"""

import re
from enum import Enum

UNIT = "(?:min|minute|hour|day|week|month|year)s?"
# If two match at a place, the earlier is taken.
PATTERNS = {
    "IN": r"in\s*\(",
    "NOT_IN": r"not\s+in\s*\(",
    # No space before the parenthesis: `sms (a)` is two terms.
    "GROUP": r"(?!(?:and|or|not|in)\()[^\W\d]\w*\(",
    "SORT": r"sort\s*:",
    "LIMIT": r"limit\s*:",
    "SLICE": r"slice\s*:",
    # It ends where the next term begins: `created > 14 days ago sort:updated`.
    "DATE_PHRASE": (
        rf"(?:(?:(?:less|more)\s+than\s+)?\d+\s+{UNIT}\s+ago|last\s+\d+\s+{UNIT}"
        r"|(?:this|last|next)\s+(?:week|month|quarter|year))(?!\w)"
    ),
    "RANGE": r'(?:[^\s"(),:=<>][^\s"(),]*)?\.\.[^\s"(),]*',
    "WORD": r'(?:[^\s"(),:=<>!*-]|!(?!=))[^\s"(),:=<>!]*(?:!(?!=)[^\s"(),:=<>!]*)*',
    "KEY": r'[^\s"(),:=<>*-][^\s"(),:=<>]*',
    "WORD_VALUE": r'[^\s"(),:=<>][^\s"(),]*',
    "STRING": r'"(?:[^"\\]|\\[\s\S])*"',
    "OPERATOR": r"!=|<=|>=|[:=<>]",
    "OPEN": r"\(",
    "CLOSE": r"\)",
    "COMMA": ",",
    "MINUS": "-",
    "STAR": r"\*",
    "END": r"\Z",
}
# Whole words, so `order` doesn't begin with `or`, and `*` alone.
KEYWORDS = {"and": "AND", "or": "OR", "not": "NOT", "*": "STAR"}
DIRECTIVES = frozenset({"SORT", "LIMIT", "SLICE"})
TERM_STARTS = frozenset({"NOT", "MINUS", "OPEN", "GROUP", "WORD", "STRING", "STAR"})


class Place(Enum):
    """A place in a query, with the tokens that can come there. Other keywords are words there."""

    TOP = TERM_STARTS | DIRECTIVES | {"END"}  # at the beginning, and after a directive
    TERM = TERM_STARTS  # after `(`, `not`, `and`, and `or`
    IN_GROUP = TERM_STARTS | {"CLOSE"}  # after `sms(`
    AFTER_TERM = TOP | {"AND", "OR", "CLOSE"}
    AFTER_NAME = AFTER_TERM | {"OPERATOR", "IN", "NOT_IN"}  # it can also be a term
    VALUE = frozenset({"STRING", "STAR", "DATE_PHRASE", "RANGE", "WORD_VALUE"})
    AFTER_VALUE = frozenset({"COMMA", "CLOSE"})  # in a list
    NUMBER = frozenset({"WORD_VALUE"})  # after `limit:` and `slice:`
    KEY = frozenset({"MINUS", "KEY", "STRING"})
    KEY_NAME = frozenset({"KEY", "STRING"})  # after its minus sign
    AFTER_KEY = TOP | {"COMMA"}
    ANY = frozenset(PATTERNS)

    def __init__(self, tokens: frozenset[str]) -> None:
        self.tokens = tokens
        self.keywords = {word: kind for word, kind in KEYWORDS.items() if kind in tokens}
        found = "|".join(f"(?P<{name}>{PATTERNS[name]})" for name in PATTERNS if name in tokens)
        self.pattern = re.compile(rf"\s*+(?:{found})", re.IGNORECASE)

    @property
    def wants_value(self) -> bool:
        return not self.tokens.isdisjoint({"WORD_VALUE", "KEY"})
