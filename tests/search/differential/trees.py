"""What a query says, as a tree with typed values. Nothing here is read from text."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Text:
    """Of a text field: the beginning of a word, or, quoted, whole words in a row."""

    text: str
    quoted: bool = False


@dataclass(frozen=True)
class Key:
    """Of a choice: its key."""

    key: str


@dataclass(frozen=True)
class Name:
    """Of a user: `me`, a user name, a first name, a full name, an e-mail address or an id."""

    text: str


@dataclass(frozen=True)
class Digits:
    """Of a phone: as it is typed, in any notation."""

    text: str


@dataclass(frozen=True)
class Address:
    """Of an e-mail address: a whole one, or `@domain`."""

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
    """A time of the searcher's clock, to the minute or to the second."""

    local: datetime
    seconds: bool = False


@dataclass(frozen=True)
class Phrase:
    """now, today, yesterday, tomorrow, `this week`, `last quarter`, monday …"""

    words: str


@dataclass(frozen=True)
class Ago:
    """`3 days ago`; with a form also `last 3 days`, `less than 3 days ago`, `more than …`."""

    count: int
    unit: str  # singular
    form: str = "ago"  # ago, last, less, more


@dataclass(frozen=True)
class Between:
    """A closed range; one end may be missing."""

    low: "Number | Day | None"
    high: "Number | Day | None"


@dataclass(frozen=True)
class Something:
    """`*`"""


@dataclass(frozen=True)
class Nothing:
    """`""`, null, none, never"""


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
    """One and the same related row: sms, contact, address, note, lead."""

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
    """A whole query: sort keys with whether each descends, a limit, the k-th of n slices."""

    tree: Tree
    sort: tuple[tuple[str, bool], ...] = ()
    limit: int | None = None
    slice: tuple[int, int] | None = None
