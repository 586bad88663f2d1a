"""The syntax tree: nodes that know their position and print back as a query.

Equality ignores positions. Values are text until a search field reads them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Operator = Literal[":", "=", "!=", "<", "<=", ">", ">=", "in", "not in"]
RESERVED = frozenset({"and", "or", "not", "in", "sort", "limit", "slice"})
PLAIN_NAME = re.compile(r"[^\W\d]\w*(\.\w+)*")
# Next to each other these would be read as one date or one list: `name:last` and `week`.
BEGINS_DATE = re.compile(r"[:=<>]\s?(?:this|last|next|less|more|\d+)$", re.IGNORECASE)
GOES_ON = re.compile(
    r"(?:than|\d+|(?:min|minute|hour|day|week|month|quarter|year)s?)\b", re.IGNORECASE
)
BEGINS_LIST = re.compile(r"(?:not )?in(?: |$)", re.IGNORECASE)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def as_value(text: str) -> str:
    """Return the text as it is typed in a query: in quotes if it needs them."""
    plain = text and not set(text) & set(' "(),:=<>') and text not in {"*", "null", "none"}
    return text if plain else quoted(text)


@dataclass(frozen=True)
class Node:
    start: int = field(compare=False, repr=False)
    end: int = field(compare=False, repr=False)


@dataclass(frozen=True)
class Name(Node):
    """The name of a field, a group, or a sort key."""

    text: str

    def __str__(self) -> str:
        plain = PLAIN_NAME.fullmatch(self.text) and self.text.lower() not in RESERVED - {"in"}
        return self.text if plain else quoted(self.text)


@dataclass(frozen=True)
class Value(Node):
    text: str
    quoted: bool = False

    @property
    def is_any(self) -> bool:
        return self.text == "*" and not self.quoted

    @property
    def is_none(self) -> bool:
        """Return whether this finds rows without a value: `field:""`, `:null`, or `:none`."""
        return self.text == "" if self.quoted else self.text.lower() in {"null", "none"}

    @property
    def range(self) -> tuple[str, str] | None:
        """Return both ends of `10..20`. An open end is empty."""
        if self.quoted or ".." not in self.text:
            return None
        low, _, high = self.text.partition("..")
        return low, high

    def __str__(self) -> str:
        return quoted(self.text) if self.quoted else self.text


@dataclass(frozen=True)
class Everything(Node):
    def __str__(self) -> str:
        return "*"


@dataclass(frozen=True)
class Word(Node):
    """A bare word, searched in the vocabulary's bare fields."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Phrase(Node):
    text: str

    def __str__(self) -> str:
        return quoted(self.text)


@dataclass(frozen=True)
class Comparison(Node):
    name: Name
    operator: Operator
    values: tuple[Value, ...]

    @property
    def value(self) -> Value:
        return self.values[0]

    def __str__(self) -> str:
        if self.operator in {"in", "not in"}:
            return f"{self.name} {self.operator} ({', '.join(map(str, self.values))})"
        blank = "" if self.operator == ":" else " "
        return f"{self.name}{blank}{self.operator}{blank}{self.value}"


@dataclass(frozen=True)
class Group(Node):
    """One related row that matches all terms: `sms(status:error)`. Without a term, any row."""

    name: Name
    where: "Expression | None"

    def __str__(self) -> str:
        return f"{self.name.text}({self.where or ''})"


@dataclass(frozen=True)
class Not(Node):
    term: "Expression"

    def __str__(self) -> str:
        return f"not {_inside(self.term, And, Or)}"


@dataclass(frozen=True)
class And(Node):
    terms: tuple["Expression", ...]

    def __str__(self) -> str:
        text = ""
        for term in self.terms:
            part = _inside(term, And, Or)
            is_date = BEGINS_DATE.search(text) and GOES_ON.match(part)
            misread = is_date or BEGINS_LIST.match(part)
            text += f"{' and ' if misread else ' '}{part}" if text else part
        return text


@dataclass(frozen=True)
class Or(Node):
    terms: tuple["Expression", ...]

    def __str__(self) -> str:
        return " or ".join(_inside(term, Or) for term in self.terms)


Expression = Everything | Word | Phrase | Comparison | Group | Not | And | Or


@dataclass(frozen=True)
class SortKey(Node):
    """A field of `sort:` and its direction."""

    name: Name
    descending: bool = False

    def __str__(self) -> str:
        return f"{'-' if self.descending else ''}{self.name}"


@dataclass(frozen=True)
class Query(Node):
    """A whole query. `where` is None for the empty query, which matches every row."""

    where: Expression | None = None
    sort: tuple[SortKey, ...] = ()
    limit: int | None = None
    slice: tuple[int, int] | None = None

    def __str__(self) -> str:
        parts = [
            str(self.where) if self.where else "",
            f"sort:{','.join(map(str, self.sort))}" if self.sort else "",
            f"limit:{self.limit}" if self.limit else "",
            f"slice:{self.slice[0]}/{self.slice[1]}" if self.slice else "",
        ]
        return " ".join(filter(None, parts))


def _inside(term: Expression, *kinds: type[Node]) -> str:
    return f"({term})" if isinstance(term, kinds) else str(term)


def children(node: Expression) -> tuple[Expression, ...]:
    if isinstance(node, And | Or):
        return node.terms
    if isinstance(node, Not):
        return (node.term,)
    if isinstance(node, Group) and node.where:
        return (node.where,)
    return ()


def walk(node: Expression | None) -> Iterator[tuple[Expression, int]]:
    """Yield every term with its level, starting at 0. Not recursive: the tree may be deep."""
    stack = [(node, 0)] if node else []
    while stack:
        term, level = stack.pop()
        yield term, level
        stack.extend((child, level + 1) for child in reversed(children(term)))
