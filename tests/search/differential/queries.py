"""Generate random trees from values in the records, so that most queries match some rows."""

from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.search.differential.date_spans import WEEKDAYS
from tests.search.differential.evaluator import field_named, sort_keys
from tests.search.differential.fields import GROUPS, HAS, TABLES
from tests.search.differential.matching import words
from tests.search.differential.notation import KEYWORDS
from tests.search.differential.records import Person, World
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
from tests.search.differential.world import CITIES, NAMES

Trees = SearchStrategy[Tree]
ORDER = st.sampled_from(["=", "=", "!=", "<", "<=", ">", ">="])
EQUAL = st.sampled_from(["=", "=", "!="])
UNITS = st.sampled_from(["minute", "hour", "day", "day", "week", "month", "year"])
PERIODS = [
    f"{which} {unit}"
    for which in ("this", "last", "next")
    for unit in ("week", "month", "quarter", "year")
]
DAYS = [
    *[date(2026, 11, 23), date(2026, 11, 1)] * 2,
    *(date(2026, 11, 22), date(2026, 10, 25)),
    *(date(2026, 10, 1), date(2026, 9, 27), date(2025, 2, 28)),
]
# Local times of the searcher.
MOMENTS = [
    Moment(datetime.fromisoformat(text), seconds=len(text) > 16)
    for text in (
        "2026-11-23T00:00",
        "2026-11-20T16:55",
        "2026-11-23T00:00:01",
        "2026-10-24T18:30:15",
        "2026-11-01T01:30",
        "2026-11-01T01:59:01",
        "2026-10-25T02:00",
    )
]
TYPED_PHONES = [
    *("+14155550123", "(415) 555-0123", "415-555-0199", "14155550123", "+44 20 7183 8750"),
    *("415", "415", "415", "650", "999", "4155", "5550", "555-01", "0123", "442071838750"),
]
ADDRESSES = [
    *("ada@example.com", "ADA@example.com", "ada@example.co", "john+x@a.example"),
    *("@example.com", "@a.example", "bob.miller@bluebird.example.com"),
]
TEXTS = {
    "error_code": ["30003", "300", "rejected"],
    "carrier": ["sandbox", "twilio", "tw"],
    "state": ["CA", "ny", "QC"],
    "country": ["US", "ca"],
    "title": ["head", "CEO", "Cakes"],
}
PHRASES = [
    *("Menlo Park", "park menlo", "blue bakery", "Smith Jones", "O'Brien", "New York", "san jose"),
    *("john", "John  Doe", "online networking", "Zurich Travel", "travel zurich", "cafe", "Johns"),
    *("Johnson, blue", "24 sons", "1 Main"),
    # Prefixes of other words.
    *["blue", "john", "park"] * 3,
]


def weighted(*choices: tuple[int, Trees]) -> Trees:
    """Return a strategy that draws from each choice according to its weight."""
    repeated = [strategy for weight, strategy in choices for _ in range(weight)]
    return st.sampled_from(repeated).flatmap(lambda strategy: strategy)


def chunks() -> SearchStrategy[Text]:
    """Return words of the records, their prefixes, and phrases."""
    known = [word for name in NAMES + CITIES[:-1] for word in words(name)]
    known += ["cakes", "example", "head", "main", "carl", "nowhere"]
    known = [word for word in known if word not in KEYWORDS]
    whole = st.sampled_from(known)
    prefix = st.builds(lambda word, size: word[:size], whole, st.integers(1, 4))
    prefix = prefix.filter(lambda word: word not in KEYWORDS and not word.isdigit())
    accented = st.sampled_from(["Zürich", "ZÜRICH", "Straße", "José", "café", "Иван", "東京", "Łó"])
    joined = st.sampled_from(["Smith-Jon", "o'bri", "smith-jones", "john.do", "menlo/park"])
    phrases = st.sampled_from(PHRASES) | whole
    return st.builds(Text, prefix | whole | accented | joined) | phrases.map(in_quotes)


def in_quotes(text: str) -> Text:
    return Text(text, quoted=True)


def bare() -> Trees:
    digits = st.sampled_from(["415", "5550", "0123", "24", "+14155550123", "4420"])
    return st.builds(Word, digits) | chunks().map(lambda text: Word(text.text, text.quoted))


def times() -> SearchStrategy[Value]:
    phrases = ["today", "yesterday", "tomorrow", *PERIODS, *WEEKDAYS]
    return (
        st.builds(Day, st.sampled_from(DAYS))
        | st.builds(Month, st.sampled_from([2025, 2026]), st.integers(1, 12))
        | st.sampled_from(MOMENTS)
        | st.builds(Phrase, st.sampled_from(phrases))
    )


def ages(field: str) -> Trees:
    """Return terms with ages. With a colon, days and longer units mean a calendar day."""
    count = st.sampled_from([1, 2, 3, 7, 14, 30, 90])
    after = st.sampled_from(["<", "<=", ">", ">="])
    plain = st.builds(Ago, count, UNITS)
    day = st.builds(Ago, count, st.sampled_from(["day", "week", "month", "year"]))
    spans = st.builds(Ago, count, UNITS, st.sampled_from(["last", "less", "more"]))
    return (
        st.builds(Term, st.just(field), after, plain)
        | st.builds(Term, st.just(field), after, st.just(Phrase("now")))
        | st.builds(Term, st.just(field), st.sampled_from(["=", "!="]), day)
        | st.builds(Term, st.just(field), st.just("="), spans)
    )


def ranges(ends: SearchStrategy[Any]) -> SearchStrategy[Value]:
    return (
        st.builds(Between, ends, ends)
        | st.builds(Between, ends, st.none())
        | st.builds(Between, st.none(), ends)
    )


class Queries:
    """Generate queries for one person, with the fields of their organization."""

    def __init__(self, world: World, person: Person) -> None:
        self.world, self.person, self.office = world, person, person.office
        people = world.members(self.office)
        self.names = ["me", *(one.username for one in people), *(one.first for one in people)]
        # Strategies are expensive to build and cheap to draw from.
        self._trees: dict[tuple[str, int], Trees] = {}
        self._leaves: dict[str, Trees] = {}
        self.names += [f"{people[0].first} {people[0].last}", people[0].email, str(people[0].id)]

    def searches(self, kind: str) -> SearchStrategy[Search]:
        """Return queries, half of them a single term, so that nothing hides a wrong result."""
        return st.builds(Search, self.leaves(kind) | self.trees(kind), self.sorts(kind))

    def sorts(self, kind: str) -> SearchStrategy[tuple[tuple[str, bool], ...]]:
        keys = list(sort_keys(kind))
        if kind == "lead":
            keys.append("custom.Monthly Billable Amount")
        pair = st.tuples(st.sampled_from(keys), st.booleans())
        many = st.lists(pair, min_size=1, max_size=3, unique_by=lambda key: key[0])
        return st.just(()) | many.map(tuple)

    def trees(self, kind: str, depth: int = 2) -> Trees:
        if (kind, depth) not in self._trees:
            self._trees[kind, depth] = self._make_trees(kind, depth)
        return self._trees[kind, depth]

    def leaves(self, kind: str) -> Trees:
        if kind not in self._leaves:
            self._leaves[kind] = self._make_leaves(kind)
        return self._leaves[kind]

    def _make_trees(self, kind: str, depth: int) -> Trees:
        leaf = self.leaves(kind)
        if not depth:
            return leaf
        inner = self.trees(kind, depth - 1)
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        groups = [self.group(name, depth - 1) for name in GROUPS.get(kind, ())]
        return weighted(
            # A large tree hides the wrong result of a single leaf.
            (6, leaf),
            (2, st.builds(And, several)),
            (2, st.builds(Or, several)),
            (2, st.builds(Not, inner)),
            # Most queries are about messages, which come first.
            *((1 if index else 3, group) for index, group in enumerate(groups)),
        )

    def group(self, name: str, depth: int) -> Trees:
        # Two levels of groups are enough: leads of messages of leads add nothing.
        inside = self.leaves(name) if name == "lead" else self.trees(name, depth)
        return st.builds(Group, st.just(name), inside | st.none())

    def _make_leaves(self, kind: str) -> Trees:
        by_kind: dict[str, list[Trees]] = {}
        for name in self.fields(kind):
            of_kind = field_named(name, kind, self.office).kind
            by_kind.setdefault(of_kind, []).append(self.term(name, kind))
        # Dates have more cases than choices.
        terms = [(4 if of == "date" else 2, st.one_of(many)) for of, many in by_kind.items()]
        other: list[Trees] = [bare()]
        if kind == "lead":
            texts = ["description", "url", "custom.Tags"]
            other.append(st.builds(Has, st.sampled_from([*HAS, *texts])))
        if views := list(self.world.views_of(self.person, kind)):
            other.append(st.builds(InView, st.sampled_from(views)))
        return weighted(*terms, *((2, one) for one in other), (1, st.just(Everything())))

    def fields(self, kind: str) -> list[str]:
        custom = [f"custom.{name}" for name in self.office.custom] if kind == "lead" else []
        return [*TABLES[kind], *custom]

    def term(self, name: str, kind: str) -> Trees:
        field = field_named(name, kind, self.office)
        just = st.just(name)
        existing = st.builds(Term, just, st.sampled_from(["=", "!="]), st.just(Something()))
        missing = st.builds(Term, just, st.sampled_from(["=", "!="]), st.just(Nothing()))
        if field.kind == "number":
            number = st.builds(Number, st.sampled_from(self.numbers(name)))
            ranged = st.builds(Term, just, EQUAL, ranges(number))
            return st.builds(Term, just, ORDER, number) | ranged | self.one_of(name, number)
        if field.kind == "date":
            day = st.builds(Day, st.sampled_from(DAYS))
            ranged = st.builds(Term, just, EQUAL, ranges(day))
            return st.one_of(
                st.builds(Term, just, ORDER, times()),
                *(ages(name), ranged, self.one_of(name, times()), existing, missing),
            )
        if field.kind == "day":
            days = st.builds(Day, st.sampled_from(DAYS)) | st.builds(
                Phrase, st.sampled_from(["today", "yesterday", *PERIODS])
            )
            return st.builds(Term, just, ORDER, days) | existing | missing
        value = self.values(name, kind)
        return st.one_of(
            st.builds(Term, just, EQUAL, value), self.one_of(name, value), existing, missing
        )

    def numbers(self, name: str) -> list[float]:
        return [0, 10, 99.5, 250, 1000000] if name.startswith("custom.") else [0, 1, 2, 3, 5]

    def one_of(self, name: str, value: SearchStrategy[Any]) -> Trees:
        several = st.lists(value, min_size=1, max_size=3).map(tuple)
        return st.builds(OneOf, st.just(name), several, st.booleans())

    def values(self, name: str, kind: str) -> SearchStrategy[Any]:
        field = field_named(name, kind, self.office)
        known: dict[str, SearchStrategy[Any]] = {
            "status": st.sampled_from(list(self.office.statuses)).map(Key),
            "choice": st.sampled_from(list(field.choices) or [""]).map(Key),
            "user": st.sampled_from(self.names).map(Name),
            "phone": st.sampled_from(TYPED_PHONES).map(Digits),
            "email": st.sampled_from(ADDRESSES).map(Address),
            "template": st.sampled_from(self.office.templates).map(in_quotes),
        }
        known["option"] = known["choice"]
        if name in TEXTS:
            return st.sampled_from(TEXTS[name]).map(Text) | chunks()
        return known.get(field.kind, chunks())
