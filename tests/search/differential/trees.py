"""Represent a query as a tree with typed values, without parsing text."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Text:
    """Match the start of a word in a text field or, if quoted, a phrase."""

    text: str
    quoted: bool = False


@dataclass(frozen=True)
class Key:
    """Match the key of a choice."""

    key: str


@dataclass(frozen=True)
class Name:
    """Match a user by `me`, username, first name, full name, email address, or ID."""

    text: str


@dataclass(frozen=True)
class Digits:
    """Match a phone number as typed, in any format."""

    text: str


@dataclass(frozen=True)
class Address:
    """Match an email address or `@domain`."""

    text: str


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Day:
    day: date


@dataclass(frozen=True)
class Month:
    year: int
    month: int


@dataclass(frozen=True)
class Moment:
    """Represent a local time of the searcher, with or without seconds."""

    local: datetime
    seconds: bool = False


@dataclass(frozen=True)
class Phrase:
    """Represent `now`, `today`, `tomorrow`, `this week`, `last quarter`, `monday`, …"""

    words: str


@dataclass(frozen=True)
class Ago:
    """Represent `3 days ago`, `last 3 days`, `less than 3 days ago`, or `more than 3 days ago`."""

    count: int
    unit: str  # singular
    form: str = "ago"  # ago, last, less, more


@dataclass(frozen=True)
class Between:
    """Represent a closed range, which can be open at one end."""

    low: "Number | Day | None"
    high: "Number | Day | None"


@dataclass(frozen=True)
class Something:
    """Represent `*`."""


@dataclass(frozen=True)
class Nothing:
    """Represent `""`, `null`, `none`, or `never`."""


Value = (
    Text
    | Key
    | Name
    | Digits
    | Address
    | Number
    | Day
    | Month
    | Moment
    | Phrase
    | Ago
    | Between
    | Something
    | Nothing
)


@dataclass(frozen=True)
class Everything:
    pass


@dataclass(frozen=True)
class Word:
    text: str
    quoted: bool = False


@dataclass(frozen=True)
class Term:
    field: str
    op: str  # = != < <= > >=
    value: Value


@dataclass(frozen=True)
class OneOf:
    field: str
    values: tuple[Value, ...]
    negated: bool = False


@dataclass(frozen=True)
class Has:
    what: str


@dataclass(frozen=True)
class InView:
    name: str


@dataclass(frozen=True)
class Group:
    """Match a single related row: sms, contact, address, note, or lead."""

    kind: str
    inside: "Tree | None"


@dataclass(frozen=True)
class Not:
    inside: "Tree"


@dataclass(frozen=True)
class And:
    parts: tuple["Tree", ...]


@dataclass(frozen=True)
class Or:
    parts: tuple["Tree", ...]


Tree = Everything | Word | Term | OneOf | Has | InView | Group | Not | And | Or


@dataclass(frozen=True)
class Search:
    """Represent a whole query. Sort keys are (name, descending) pairs, a slice is (k, n)."""

    tree: Tree
    sort: tuple[tuple[str, bool], ...] = ()
    limit: int | None = None
    slice: tuple[int, int] | None = None
