"""Answers a tree in plain Python, one record after the other: slow, simple and never in doubt."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tests.search.differential.date_spans import Span, before, midnight, span
from tests.search.differential.fields import GROUPS, HAS, TABLES, Field, numbers, texts
from tests.search.differential.matching import is_address, is_number, says, words
from tests.search.differential.records import NOW, Lead, Message, Office, Person, World
from tests.search.differential.trees import (
    Address,
    Ago,
    And,
    Between,
    Day,
    Digits,
    Everything,
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

Row = Any


def field_named(name: str, kind: str, office: Office) -> Field:
    """Return a field of a table or, with the prefix `custom.`, a custom field."""
    if not name.startswith("custom."):
        return TABLES[kind][name]
    own = name.removeprefix("custom.")
    many = office.custom[own] == "text"

    def read(lead: Lead) -> Any:
        value = lead.custom.get(own)
        return [value or ""] if many else value

    options = {one.lower().replace(" ", "_"): one for one in office.options.get(own, ())}
    kind = {"date": "day", "choice": "option"}.get(office.custom[own], office.custom[own])
    return Field(kind, read, (name,), options)


@dataclass(frozen=True)
class Evaluator:
    """For one person, at one moment."""

    world: World
    person: Person
    now: datetime = NOW

    def leads(self) -> list[Lead]:
        return [lead for lead in self.world.leads if lead.office is self.person.office]

    def messages(self) -> list[Message]:
        return [message for lead in self.leads() for message in lead.messages]

    def rows(self, tree: Tree, kind: str = "lead") -> list[Row]:
        """In order of id."""
        visible: list[Row] = list(self.leads() if kind == "lead" else self.messages())
        return sorted((row for row in visible if self.holds(tree, row, kind)), key=lambda r: r.id)

    def ids(self, search: Search, kind: str = "lead") -> list[int]:
        """Sorted by the keys, rows without a value last, and then by id. Not sliced or cut.

        The id goes the way of the last key.
        """
        rows = self.rows(search.tree, kind)
        if search.sort and search.sort[-1][1]:
            rows.reverse()
        for name, descending in reversed(search.sort):
            read = field_named(name, kind, self.person.office).read
            there = [row for row in rows if read(row) is not None]
            there.sort(key=read, reverse=descending)
            rows = there + [row for row in rows if read(row) is None]
        return [row.id for row in rows]

    def holds(self, tree: Tree, row: Row, kind: str) -> bool:
        match tree:
            case And(parts):
                return all(self.holds(part, row, kind) for part in parts)
            case Or(parts):
                return any(self.holds(part, row, kind) for part in parts)
            case Not(inside):
                return not self.holds(inside, row, kind)
            case Group(name, inside):
                related = GROUPS[kind][name](row)
                return any(inside is None or self.holds(inside, one, name) for one in related)
            case _:
                return self._leaf_holds(tree, row, kind)

    def _leaf_holds(self, tree: Tree, row: Row, kind: str) -> bool:
        match tree:
            case Term(name, op, value):
                field = self._field(name, kind)
                positive = self._compares(field, "=" if op == "!=" else op, value, row)
                return positive != (op == "!=")
            case OneOf(name, values, negated):
                field = self._field(name, kind)
                return any(self._compares(field, "=", one, row) for one in values) != negated
            case Word(text, quoted):
                return self._is_said(row, text, quoted)
            case Has(what):
                return self._has(what, row, kind)
            case InView(name):
                view = self.world.views_of(self.person, kind)[name]
                return self.holds(view.tree, row, kind)
            case Everything():
                return True
        raise NotImplementedError(tree)

    def _field(self, name: str, kind: str) -> Field:
        return field_named(name, kind, self.person.office)

    def _is_said(self, row: Row, text: str, quoted: bool) -> bool:
        if any(says(one, text, quoted=quoted) for one in texts(row)):
            return True
        digits = text.lstrip("+")
        return digits.isdigit() and any(digits in number for number in numbers(row))

    def _has(self, what: str, row: Row, kind: str) -> bool:
        if what in HAS and kind == "lead":
            return bool(HAS[what](row))
        return self._compares(self._field(what, kind), "=", Something(), row)

    def _compares(self, field: Field, op: str, value: Value, row: Row) -> bool:
        there = field.read(row)
        if isinstance(value, Something | Nothing):
            return has_value(there) == isinstance(value, Something)
        if isinstance(there, list):
            return any(self._is_listed(one, value) for one in there if one)
        if there is None:
            return False
        if field.kind in {"date", "day"}:
            return self._in_time(there, op, value)
        return (
            in_order(there, op, value) if field.kind == "number" else self._is(there, value, field)
        )

    def _is_listed(self, there: str, value: Value) -> bool:
        match value:
            case Text(text, quoted):
                return says(there, text, quoted=quoted)
            case Digits(text):
                return is_number(there, text)
            case Address(text):
                return is_address(there, text)
        raise NotImplementedError(value)

    def _is(self, there: object, value: Value, field: Field) -> bool:
        match value:
            case Key(key):
                return there == (field.choices[key] if field.kind == "option" else key)
            case Name():
                person = there.id if isinstance(there, Person) else there
                return person in {one.id for one in self.named(value)}
        raise NotImplementedError(value)

    def named(self, name: Name) -> list[Person]:
        """Return the colleagues that a name may mean."""
        if name.text == "me":
            return [self.person]
        return [one for one in self.world.members(self.person.office) if is_called(one, name.text)]

    def _in_time(self, there: datetime | str, op: str, value: Value) -> bool:
        zone = self.person.tz
        if isinstance(there, str):
            there = midnight(date.fromisoformat(there), zone)
        match value:
            case Phrase("now"):
                return ordered(there, op, self.now)
            case Ago(form="ago") if op != "=":
                # An age: what is less than three days old came after the moment three days ago,
                # and before now.
                turned = op.translate(str.maketrans("<>", "><"))
                exists = there <= self.now or ">" in op
                return exists and ordered(there, turned, before(self.now, value, zone))
            case Between(low, high):
                return (not isinstance(low, Day) or self._in_time(there, ">=", low)) and (
                    not isinstance(high, Day) or self._in_time(there, "<=", high)
                )
            case Day() | Month() | Moment() | Phrase() | Ago():
                return beside(there, op, span(value, self.now, zone))
        raise NotImplementedError(value)


def has_value(there: object) -> bool:
    return any(there) if isinstance(there, list) else there is not None and there != ""


def ordered(there: Any, op: str, other: Any) -> bool:
    sign = (there > other) - (there < other)
    return sign in {"=": {0}, "<": {-1}, "<=": {-1, 0}, ">": {1}, ">=": {1, 0}}[op]


def beside(there: datetime, op: str, span: Span) -> bool:
    """Compare a span as a whole: `<` ends before its start, `<=` includes all of it."""
    started = span.start is None or there >= span.start
    ended = span.end is not None and there >= span.end
    return {
        "=": started and not ended,
        "<": not started,
        "<=": not ended,
        ">": ended,
        ">=": started,
    }[op]


def in_order(there: float, op: str, value: Value) -> bool:
    match value:
        case Number(other):
            return ordered(there, op, other)
        case Between(low, high):
            return (not isinstance(low, Number) or there >= low.value) and (
                not isinstance(high, Number) or there <= high.value
            )
    raise NotImplementedError(value)


def is_called(person: Person, name: str) -> bool:
    if re.fullmatch(r"\d+", name):
        return person.id == int(name)
    if "@" in name:
        return person.email == name.lower()
    full = f"{person.first} {person.last}"
    return words(name)[0] in [*words(full), person.username] and (
        " " not in name or says(full, name, quoted=True)
    )


def sort_keys(kind: str) -> Iterable[str]:
    return (name for name, field in TABLES[kind].items() if field.sortable)
