"""Write a tree as text, in any of the notations that the grammar allows."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Protocol, TypeVar

from tests.search.differential.evaluator import field_named
from tests.search.differential.fields import Field
from tests.search.differential.records import Office
from tests.search.differential.trees import (
    Address,
    Ago,
    And,
    Between,
    Day,
    Digits,
    Group,
    Has,
    InView,
    Key,
    Moment,
    Month,
    Name,
    Not,
    Nothing,
    Number,
    OneOf,
    Or,
    Phrase,
    Search,
    Something,
    Term,
    Text,
    Tree,
    Value,
    Word,
)

Item = TypeVar("Item")
# Text that never needs quotes.
PLAIN = re.compile(r"[^\W\d_]\w*([.@+/'_-]\w+)*")
KEYWORDS = {
    *("and", "or", "not", "in", "me", "null", "none", "never", "sort", "limit", "slice", "has"),
    *("now", "today", "yesterday", "tomorrow", "this", "last", "next", "less", "more", "ago"),
}


class Pick(Protocol):
    def __call__(self, options: Sequence[Item], /) -> Item: ...


def first(options: Sequence[Item]) -> Item:
    """Return the first option, which is the plainest notation."""
    return options[0]


def quoted(text: str, pick: Pick) -> str:
    inside = re.sub(r'(["“”\\])', r"\\\1", text)
    return pick([f'"{inside}"', f'"{inside}"', f"“{inside}”"])


class Notation:
    def __init__(self, office: Office, kind: str = "lead", pick: Pick = first) -> None:
        self.office, self.kind, self.pick = office, kind, pick

    def query(self, search: Search) -> str:
        pieces = [self.tree(search.tree)]
        if search.sort:
            pieces.append(self._sort(search.sort))
        if search.limit is not None:
            pieces.append(f"limit:{search.limit}")
        if search.slice:
            pieces.append("slice:{}/{}".format(*search.slice))
        return " ".join(self.pick([pieces, pieces[1:] + pieces[:1], pieces]))

    def _sort(self, keys: tuple[tuple[str, bool], ...]) -> str:
        written = [("-" if down else "") + self._name(name) for name, down in keys]
        return self._word("sort") + ":" + self.pick([",", ", "]).join(written)

    def tree(self, tree: Tree) -> str:
        match tree:
            case Or(parts):
                return self._word(" or ").join(map(self._no_or, parts))
            case And(parts):
                return self._and(parts)
            case Not(inside):
                sign = self.pick(["not ", "-", "NOT ", "not"])
                negated = self._single(inside)
                if sign == "not":
                    return f"not({negated})"
                return f"not {negated}" if negated.startswith("-") else sign + negated
            case _:
                return self._leaf(tree)

    def _no_or(self, tree: Tree) -> str:
        return self._in_parentheses(tree) if isinstance(tree, Or) else self.tree(tree)

    def _and(self, parts: tuple[Tree, ...]) -> str:
        text = ""
        for part in parts:
            inner = isinstance(part, And | Or)
            piece = self._in_parentheses(part) if inner else self.tree(part)
            text += (self.pick([" ", " ", " and ", "  AND\t"]) if text else "") + piece
        return text

    def _single(self, tree: Tree) -> str:
        return self._in_parentheses(tree) if isinstance(tree, And | Or) else self.tree(tree)

    def _in_parentheses(self, tree: Tree) -> str:
        blank = self.pick(["", "", " "])
        return f"({blank}{self.tree(tree)}{blank})"

    def _leaf(self, tree: Tree) -> str:
        match tree:
            case Word(text, is_quoted):
                written = quoted(text, self.pick) if is_quoted else text
            case Term(name, op, value):
                written = self._term(name, op, value)
            case OneOf(name, values, negated):
                written = self._one_of(name, values, negated=negated)
            case Has(what):
                written = self._word("has") + ":" + self._has_value(what)
            case InView(name):
                written = "in:" + quoted(name, self.pick)
            case Group(kind, inside):
                written = self._group(kind, inside)
            case _:
                written = "*"
        return written

    def _group(self, kind: str, inside: Tree | None) -> str:
        blank = self.pick(["", "", " "])
        within = Notation(self.office, kind, self.pick)
        text = within.tree(inside) if inside is not None else ""
        return f"{self._word(kind)}({blank}{text}{blank})"

    def _word(self, text: str) -> str:
        return self.pick([text, text, text.upper(), text.title()])

    def _field(self, name: str) -> Field:
        return field_named(name, self.kind, self.office)

    def _name(self, name: str) -> str:
        if not name.startswith("custom."):
            return self._word(self.pick(self._field(name).names))
        own = name.removeprefix("custom.")
        forms = [quoted(name, self.pick), quoted(own, self.pick)]
        return self.pick([*forms, name] if re.fullmatch(r"\w+", own) else forms)

    def _has_value(self, what: str) -> str:
        if not what.startswith("custom."):
            return self._word(what)
        return what if re.fullmatch(r"[\w.]+", what) else quoted(what, self.pick)

    def _term(self, name: str, op: str, value: Value) -> str:
        sign = self.pick([":", ":", "="]) if op == "=" else op
        if isinstance(value, Something | Nothing | Between | Ago | Phrase) and op == "=":
            sign = ":"
        before, after = self.pick(["", "", " "]), self.pick(["", "", " "])
        return self._name(name) + before + sign + after + self.value(value, self._field(name))

    def _one_of(self, name: str, values: tuple[Value, ...], *, negated: bool) -> str:
        word = self._word("not in" if negated else "in")
        comma = self.pick([", ", ",", " , "])
        listed = comma.join(self.value(value, self._field(name)) for value in values)
        return f"{self._name(name)} {word} ({listed})"

    def value(self, value: Value, field: Field) -> str:
        match value:
            case Text(text, is_quoted):
                written = quoted(text, self.pick) if is_quoted else text
            case Key(key):
                written = self._key(key, field)
            case Name(text) | Address(text) | Digits(text):
                # Quoted, "me" would be a name.
                written = text if text == "me" else self._optionally_quoted(text)
            case Something():
                written = "*"
            case Nothing():
                never = ["never"] if field.kind in {"date", "day"} else []
                written = self.pick(['""', "null", "none", "NULL", *never])
            case _:
                written = self._measure(value)
        return written

    def _measure(self, value: Value) -> str:
        match value:
            case Between(low, high):
                return f"{self._end(low)}..{self._end(high)}"
            case Number():
                return self._end(value)
            case _:
                return self._time(value)

    def _end(self, value: Number | Day | None) -> str:
        if value is None:
            return ""
        return f"{value.value:.10g}" if isinstance(value, Number) else value.day.isoformat()

    def _key(self, key: str, field: Field) -> str:
        labels = self.office.statuses if field.kind == "status" else field.choices
        label = labels[key]
        shown = self.pick([key, label, key])
        # The uppercase of ß is two letters.
        cases = [shown, shown.lower(), shown if "ß" in shown else shown.upper()]
        return self._optionally_quoted(self.pick(cases))

    def _optionally_quoted(self, text: str) -> str:
        bare = PLAIN.fullmatch(text) or re.fullmatch(r"[+@]?\w+([.@+-]\w+)*", text)
        if bare and text.lower() not in KEYWORDS:
            return self.pick([text, text, quoted(text, self.pick)])
        return quoted(text, self.pick)

    def _time(self, value: Value) -> str:
        match value:
            case Day(day):
                return self._optionally_quoted(day.isoformat())
            case Month(year, month):
                return self._optionally_quoted(f"{date(year, month, 1):%Y-%m}")
            case Moment(local, seconds):
                text = f"{local:%Y-%m-%dT%H:%M:%S}" if seconds else f"{local:%Y-%m-%dT%H:%M}"
                return self.pick([text, quoted(text, self.pick)])
            case Phrase(words):
                return self.pick([words, quoted(words, self.pick)])
            case Ago():
                return self._ago(value)
        raise NotImplementedError(value)

    def _ago(self, ago: Ago) -> str:
        units = [ago.unit + "s"] + ([ago.unit] if ago.count == 1 else [])
        if ago.unit == "minute":
            units.append("mins")
        length = f"{ago.count} {self.pick(units)}"
        forms = {"ago": "{} ago", "last": "last {}", "less": "less than {} ago"}
        text = forms.get(ago.form, "more than {} ago").format(length)
        return self.pick([text, quoted(text, self.pick)])
