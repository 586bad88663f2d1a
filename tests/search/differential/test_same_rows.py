"""Test that search and the evaluator find the same rows, however a query is written."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.search.differential.evaluator import Evaluator
from tests.search.differential.notation import Item, Notation
from tests.search.differential.product import SEARCHERS, SEARCHES, WORLD, found, random_queries
from tests.search.differential.trees import (
    Address,
    Ago,
    And,
    Day,
    Digits,
    Group,
    Has,
    Key,
    Not,
    Number,
    Phrase,
    Search,
    Term,
    Tree,
)

pytestmark = pytest.mark.django_db
KINDS = ("lead", "sms")


class Example:
    """Draw a random query of a random user: its tree, its text, and the expected rows."""

    def __init__(self, data: st.DataObject, kind: str) -> None:
        self.data, self.kind = data, kind
        self.username = data.draw(st.sampled_from(SEARCHERS))
        person = WORLD.person(self.username)
        self.search: Search = data.draw(SEARCHES[self.username, kind])
        self.text = Notation(person.office, kind, self._pick).query(self.search)
        self.expected = Evaluator(WORLD, person).ids(self.search, kind)

    def _pick(self, options: Sequence[Item]) -> Item:
        return self.data.draw(st.sampled_from(options))

    def found(self, more: str = "") -> list[int]:
        return found(self.text + more, self.username, self.kind)

    def __str__(self) -> str:
        return f"{self.username} searches {self.kind}: {self.text}"


@pytest.mark.parametrize("kind", KINDS)
@random_queries(30)
@given(data=st.data())
def test_a_query_finds_the_same_rows_as_the_evaluator(kind: str, data: st.DataObject) -> None:
    example = Example(data, kind)
    rows = example.found()
    assert (rows if example.search.sort else sorted(rows)) == example.expected, str(example)


@pytest.mark.parametrize("kind", KINDS)
@random_queries(10)
@given(data=st.data(), parts=st.integers(1, 7))
def test_slices_are_disjoint_and_cover_everything(
    kind: str, data: st.DataObject, parts: int
) -> None:
    example = Example(data, kind)
    slices = [example.found(f" slice:{number}/{parts}") for number in range(1, parts + 1)]
    assert sorted(row for part in slices for row in part) == sorted(example.expected), str(example)
    if example.search.sort:
        for part in slices:
            assert part == [row for row in example.expected if row in set(part)], str(example)


@pytest.mark.parametrize("kind", KINDS)
@random_queries(10)
@given(data=st.data(), limit=st.integers(1, 30))
def test_a_limit_returns_the_first_rows(kind: str, data: st.DataObject, limit: int) -> None:
    example = Example(data, kind)
    rows = example.found(f" limit:{limit}")
    assert len(rows) == min(limit, len(example.expected)), str(example)
    assert set(rows) <= set(example.expected), str(example)
    if example.search.sort:
        assert rows == example.expected[:limit], str(example)


ERROR, OUTGOING = Term("status", "=", Key("error")), Term("direction", "=", Key("outgoing"))
TODAY, INBOX = Term("created", "=", Phrase("today")), Term("status", "=", Key("inbox"))
ADA, AREA = Term("email", "=", Address("ada@example.com")), Term("phone", "=", Digits("415"))


@pytest.mark.parametrize("username", SEARCHERS)
@pytest.mark.parametrize(
    "tree",
    [
        Term("failed_sms", ">", Number(1)),
        Has("error_sms_messages"),
        Group("sms", And((TODAY, OUTGOING, ERROR))),
        Term("latest_sms_status", "=", Key("error")),
        # A single row that matches both, or two rows: a join can't distinguish them.
        Group("sms", And((TODAY, ERROR))),
        And((Group("sms", TODAY), Group("sms", ERROR))),
        Group("contact", And((ADA, AREA))),
        And((Group("contact", ADA), Group("contact", AREA))),
        Group("sms", And((ERROR, Not(TODAY)))),
        Not(Group("sms", And((INBOX, TODAY)))),
        Group("sms", Not(ERROR)),
        # Across the end of daylight saving time: the same time of day, and a day of 25 hours.
        Term("created", "<", Ago(30, "day")),
        Group("sms", Term("created", ">=", Ago(90, "day"))),
        Group("sms", Term("created", "=", Day(date(2026, 11, 1)))),
        Group("sms", Term("created", "<=", Day(date(2026, 11, 1)))),
    ],
)
def test_tricky_queries(tree: Tree, username: str) -> None:
    evaluator = Evaluator(WORLD, WORLD.person(username))
    expected = [row.id for row in evaluator.rows(tree)]
    assert expected
    assert sorted(found(Notation(evaluator.person.office).tree(tree), username)) == expected
