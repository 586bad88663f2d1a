"""Evaluate a tree in plain Python, one record at a time: slow, simple, and easy to verify."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tests.search.differential.date_spans import Span, before, midnight, span
from tests.search.differential.fields import GROUPS, HAS, TABLES, Field, numbers, texts
from tests.search.differential.matching import contains_phrase, matches_email, matches_phone, words
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
    """Return a field of a table, or a custom field if the name starts with `custom.`."""
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
    """Evaluate queries for one person at one time."""

    world: World
    person: Person
    now: datetime = NOW

    def leads(self) -> list[Lead]:
        return [lead for lead in self.world.leads if lead.office is self.person.office]

    def messages(self) -> list[Message]:
        return [message for lead in self.leads() for message in lead.messages]

    def rows(self, tree: Tree, kind: str = "lead") -> list[Row]:
        """Return the matching rows, sorted by ID."""
        visible: list[Row] = list(self.leads() if kind == "lead" else self.messages())
        return sorted((row for row in visible if self.matches(tree, row, kind)), key=lambda r: r.id)

    def ids(self, search: Search, kind: str = "lead") -> list[int]:
        """Return the sorted IDs, rows without a value last. Limits and slices are ignored.

        Equal rows are sorted by ID, in the direction of the last key.
        """
        rows = self.rows(search.tree, kind)
        if search.sort and search.sort[-1][1]:
            rows.reverse()
        for name, descending in reversed(search.sort):
            read = field_named(name, kind, self.person.office).read
            present = [row for row in rows if read(row) is not None]
            present.sort(key=read, reverse=descending)
            rows = present + [row for row in rows if read(row) is None]
        return [row.id for row in rows]

    def matches(self, tree: Tree, row: Row, kind: str) -> bool:
        match tree:
            case And(parts):
                return all(self.matches(part, row, kind) for part in parts)
            case Or(parts):
                return any(self.matches(part, row, kind) for part in parts)
            case Not(inside):
                return not self.matches(inside, row, kind)
            case Group(name, inside):
                related = GROUPS[kind][name](row)
                return any(inside is None or self.matches(inside, one, name) for one in related)
            case _:
                return self._matches_leaf(tree, row, kind)

    def _matches_leaf(self, tree: Tree, row: Row, kind: str) -> bool:
        match tree:
            case Term(name, op, value):
                field = self._field(name, kind)
                positive = self._matches_value(field, "=" if op == "!=" else op, value, row)
                return positive != (op == "!=")
            case OneOf(name, values, negated):
                field = self._field(name, kind)
                return any(self._matches_value(field, "=", one, row) for one in values) != negated
            case Word(text, quoted):
                return self._contains_word(row, text, quoted)
            case Has(what):
                return self._has(what, row, kind)
            case InView(name):
                view = self.world.views_of(self.person, kind)[name]
                return self.matches(view.tree, row, kind)
            case Everything():
                return True
        raise NotImplementedError(tree)

    def _field(self, name: str, kind: str) -> Field:
        return field_named(name, kind, self.person.office)

    def _contains_word(self, row: Row, text: str, quoted: bool) -> bool:
        if any(contains_phrase(one, text, quoted=quoted) for one in texts(row)):
            return True
        digits = text.lstrip("+")
        return digits.isdigit() and any(digits in number for number in numbers(row))

    def _has(self, what: str, row: Row, kind: str) -> bool:
        if what in HAS and kind == "lead":
            return bool(HAS[what](row))
        return self._matches_value(self._field(what, kind), "=", Something(), row)

    def _matches_value(self, field: Field, op: str, value: Value, row: Row) -> bool:
        actual = field.read(row)
        if isinstance(value, Something | Nothing):
            return has_value(actual) == isinstance(value, Something)
        if isinstance(actual, list):
            return any(self._matches_item(one, value) for one in actual if one)
        if actual is None:
            return False
        if field.kind in {"date", "day"}:
            return self._matches_date(actual, op, value)
        return (
            compare_number(actual, op, value)
            if field.kind == "number"
            else self._matches_one(actual, value, field)
        )

    def _matches_item(self, actual: str, value: Value) -> bool:
        match value:
            case Text(text, quoted):
                return contains_phrase(actual, text, quoted=quoted)
            case Digits(text):
                return matches_phone(actual, text)
            case Address(text):
                return matches_email(actual, text)
        raise NotImplementedError(value)

    def _matches_one(self, actual: object, value: Value, field: Field) -> bool:
        match value:
            case Key(key):
                return actual == (field.choices[key] if field.kind == "option" else key)
            case Name():
                person = actual.id if isinstance(actual, Person) else actual
                return person in {one.id for one in self.people_named(value)}
        raise NotImplementedError(value)

    def people_named(self, name: Name) -> list[Person]:
        """Return the colleagues that a name can refer to."""
        if name.text == "me":
            return [self.person]
        return [one for one in self.world.members(self.person.office) if has_name(one, name.text)]

    def _matches_date(self, actual: datetime | str, op: str, value: Value) -> bool:
        zone = self.person.tz
        if isinstance(actual, str):
            actual = midnight(date.fromisoformat(actual), zone)
        match value:
            case Phrase("now"):
                return compare(actual, op, self.now)
            case Ago(form="ago") if op != "=":
                # An age of less than three days means later than three days ago, and not in
                # the future.
                reversed_op = op.translate(str.maketrans("<>", "><"))
                exists = actual <= self.now or ">" in op
                return exists and compare(actual, reversed_op, before(self.now, value, zone))
            case Between(low, high):
                return (not isinstance(low, Day) or self._matches_date(actual, ">=", low)) and (
                    not isinstance(high, Day) or self._matches_date(actual, "<=", high)
                )
            case Day() | Month() | Moment() | Phrase() | Ago():
                return compare_span(actual, op, span(value, self.now, zone))
        raise NotImplementedError(value)


def has_value(actual: object) -> bool:
    return any(actual) if isinstance(actual, list) else actual is not None and actual != ""


def compare(actual: Any, op: str, other: Any) -> bool:
    sign = (actual > other) - (actual < other)
    return sign in {"=": {0}, "<": {-1}, "<=": {-1, 0}, ">": {1}, ">=": {1, 0}}[op]


def compare_span(actual: datetime, op: str, span: Span) -> bool:
    """Compare a span as a whole: `<` ends before its start, `<=` includes all of it."""
    started = span.start is None or actual >= span.start
    ended = span.end is not None and actual >= span.end
    return {
        "=": started and not ended,
        "<": not started,
        "<=": not ended,
        ">": ended,
        ">=": started,
    }[op]


def compare_number(actual: float, op: str, value: Value) -> bool:
    match value:
        case Number(other):
            return compare(actual, op, other)
        case Between(low, high):
            return (not isinstance(low, Number) or actual >= low.value) and (
                not isinstance(high, Number) or actual <= high.value
            )
    raise NotImplementedError(value)


def has_name(person: Person, name: str) -> bool:
    if re.fullmatch(r"\d+", name):
        return person.id == int(name)
    if "@" in name:
        return person.email == name.lower()
    full = f"{person.first} {person.last}"
    return words(name)[0] in [*words(full), person.username] and (
        " " not in name or contains_phrase(full, name, quoted=True)
    )


def sort_keys(kind: str) -> Iterable[str]:
    return (name for name, field in TABLES[kind].items() if field.sortable)
