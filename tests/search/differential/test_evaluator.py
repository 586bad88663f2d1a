"""Test the evaluator itself, with rows and results written by hand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.search.differential.date_spans import Span, before, months_later, span
from tests.search.differential.evaluator import Evaluator
from tests.search.differential.matching import contains_phrase, matches_email, matches_phone
from tests.search.differential.notation import Notation
from tests.search.differential.records import NOW, Contact, Lead, Message, World
from tests.search.differential.trees import (
    Ago,
    And,
    Between,
    Day,
    Digits,
    Group,
    Has,
    Key,
    Moment,
    Month,
    Not,
    Nothing,
    Number,
    OneOf,
    Or,
    Phrase,
    Search,
    Term,
    Text,
    Tree,
    Word,
)
from tests.search.differential.world import ACME, PEOPLE

NEW_YORK = ZoneInfo("America/New_York")
ERROR = Term("status", "=", Key("error"))
OUTGOING = Term("direction", "=", Key("outgoing"))
TODAY = Term("created", "=", Phrase("today"))


# The status and age of each message of a lead.
ROWS = {
    "twice": [("error", timedelta(hours=1)), ("error", timedelta(days=2))],
    "once, long ago": [("error", timedelta(days=40)), ("sent", timedelta(days=39))],
    "failed, then answered": [("error", timedelta(days=3)), ("inbox", timedelta(days=1))],
    "sent today": [("sent", timedelta(hours=2))],
    "draft": [("draft", timedelta(minutes=5))],
    "none": [],
}


def message(lead: Lead, status: str, age: timedelta) -> Message:
    direction = "incoming" if status == "inbox" else "outgoing"
    common: dict[str, Any] = {"user": None, "template": "", "scheduled": None, "sent": None}
    return Message(
        *(len(lead.messages), lead, direction, status, "Hello", "+14155550123", "+12125550100"),
        **(common | {"segments": 1, "reason": "", "receipt": "", "created": NOW - age}),
        updated=NOW - age,
    )


def world() -> World:
    result = World([ACME], PEOPLE[:3], [], [])
    for number, (name, messages) in enumerate(ROWS.items()):
        when = NOW - timedelta(days=60)
        lead = Lead(number, ACME, name, "potential", None, None, "", "", {}, when, when)
        lead.messages = [message(lead, *one) for one in messages]
        result.leads.append(lead)
    return result


def names(tree: Tree) -> list[str]:
    return [lead.name for lead in Evaluator(world(), PEOPLE[0]).rows(tree)]


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (Term("failed_sms", ">", Number(1)), ["twice"]),
        (Has("error_sms_messages"), ["twice", "once, long ago", "failed, then answered"]),
        (Group("sms", And((TODAY, OUTGOING, ERROR))), ["twice"]),
        (Term("latest_sms_status", "=", Key("error")), ["twice", "failed, then answered"]),
    ],
)
def test_the_four_documented_queries(tree: Tree, expected: list[str]) -> None:
    assert names(tree) == expected


def test_a_group_matches_a_single_row() -> None:
    today_and_failed = And((Group("sms", TODAY), Group("sms", ERROR)))
    old = Term("created", ">", Ago(1, "day"))
    assert names(today_and_failed) == ["twice"]
    assert names(Group("sms", And((Term("status", "=", Key("sent")), ERROR)))) == []
    assert names(Not(Group("sms", None))) == ["none"]
    assert names(Group("sms", And((ERROR, old)))) == list(ROWS)[:3]


def test_negation_includes_rows_without_a_value() -> None:
    rest = ["once, long ago", "sent today", "draft", "none"]
    assert names(Term("latest_sms_status", "!=", Key("error"))) == rest
    assert names(Not(Term("latest_sms_status", "=", Key("error")))) == rest
    assert names(OneOf("latest_sms_status", (Key("error"),), negated=True)) == rest
    assert names(Term("latest_sms_status", "=", Nothing())) == ["draft", "none"]


def test_ages_and_ranges() -> None:
    assert names(Term("last_sms", "<", Ago(3, "hour"))) == ["twice", "sent today", "draft"]
    assert names(Term("last_sms", ">", Ago(14, "day"))) == ["once, long ago"]
    assert names(Term("last_sms", "=", Ago(1, "day"))) == ["failed, then answered"]
    assert names(Term("sms_messages", "=", Between(Number(1), Number(1)))) == [
        "sent today",
        "draft",
    ]
    week = Between(Day(date(2026, 11, 22)), None)
    assert names(Term("last_sms", "=", week)) == [*ROWS][:1] + [*ROWS][2:5]


def test_sorting_puts_rows_without_a_value_last() -> None:
    evaluator = Evaluator(world(), PEOPLE[0])
    every = Or((Word("x"), Not(Word("x"))))
    for descending in (True, False):
        assert evaluator.ids(Search(every, (("last_sms", descending),)))[-1] == 5
    assert evaluator.ids(Search(every, (("failed_sms", True),)))[:3] == [0, 2, 1]
    assert evaluator.ids(Search(every, (("failed_sms", False),)))[-3:] == [1, 2, 0]


@pytest.mark.parametrize(
    ("text", "typed", "quoted", "expected"),
    [
        ("Bluebird Bakery", "blue", False, True),
        ("Bluebird Bakery", "bird", False, False),
        ("Bluebird Bakery", "blue", True, False),
        ("Menlo-Park, CA", "menlo  park", True, True),
        ("Menlo Park", "park menlo", True, False),
        ("Menlo Old Park", "menlo park", True, False),
        ("Café ZÜRICH", "zurich", False, True),
        ("Cafe\u0301", "CAFÉ", True, True),
        ("О'Brien 東京", "東", False, True),
        ("a_b", "b", True, True),
        ("", "a", False, False),
    ],
)
def test_words(text: str, typed: str, *, quoted: bool, expected: bool) -> None:
    assert contains_phrase(text, typed, quoted=quoted) is expected


@pytest.mark.parametrize(
    ("phone", "typed", "expected"),
    [
        ("+14155550123", "415", True),
        ("+16504155550", "415", False),
        ("+16504155550", "4155", True),
        ("+14155550123", "(415) 555-0123", True),
        ("+14155550123", "+1 415 555 0123", True),
        ("+14155550199", "(415) 555-0123", False),
        ("+442071838750", "+44 20 7183 8750", True),
        ("+442071838750", "7183", True),
    ],
)
def test_phones(phone: str, typed: str, *, expected: bool) -> None:
    assert matches_phone(phone, typed) is expected


def test_a_bare_number_is_searched_in_phone_numbers() -> None:
    result = world()
    result.leads[0].contacts = [Contact("Ada", "", NOW, [("+14155550123", "")])]
    evaluator = Evaluator(result, PEOPLE[0])
    for tree in (Word("0123"), Word("ada"), Term("phone", "=", Digits("415"))):
        assert [lead.id for lead in evaluator.rows(tree)] == [0]
    assert not evaluator.rows(Term("name", "=", Text("0123")))


def test_addresses() -> None:
    assert matches_email("Ada@Example.com", "ada@example.com")
    assert matches_email("ada@example.com", "@example.com")
    assert not matches_email("ada@example.com", "ada@example.co")
    assert not matches_email("ada@not-example.com", "@example.com")


def new_york(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=NEW_YORK).astimezone(UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("value", "start", "end"),
    [
        (Phrase("today"), (2026, 11, 23), (2026, 11, 24)),
        (Phrase("this week"), (2026, 11, 23), (2026, 11, 30)),
        (Phrase("last month"), (2026, 10, 1), (2026, 11, 1)),
        (Phrase("next quarter"), (2027, 1, 1), (2027, 4, 1)),
        (Phrase("last year"), (2025, 1, 1), (2026, 1, 1)),
        (Phrase("monday"), (2026, 11, 23), (2026, 11, 24)),
        (Phrase("tuesday"), (2026, 11, 17), (2026, 11, 18)),
        (Month(2026, 12), (2026, 12, 1), (2027, 1, 1)),
        (Ago(9, "month"), (2026, 2, 23), (2026, 2, 24)),
        (Moment(datetime(2026, 11, 23, 10)), (2026, 11, 23, 10), (2026, 11, 23, 10, 1)),  # noqa: DTZ001
    ],
)
def test_spans(value: Any, start: tuple[int, ...], end: tuple[int, ...]) -> None:
    assert span(value, NOW, NEW_YORK) == Span(new_york(*start), new_york(*end))


def test_a_day_can_have_25_hours_and_a_month_28_days() -> None:
    long_day = span(Day(date(2026, 11, 1)), NOW, NEW_YORK)
    assert long_day.start is not None
    assert long_day.end is not None
    assert long_day.end - long_day.start == timedelta(hours=25)
    assert months_later(date(2026, 3, 31), -1) == date(2026, 2, 28)
    # Across the end of daylight saving time, by the calendar: the same time of day.
    assert before(NOW, Ago(30, "day"), NEW_YORK) == new_york(2026, 10, 24, 16, 55)


def test_a_query_can_be_written_in_different_ways() -> None:
    tree = And((Term("failed_sms", ">", Number(1)), Not(Group("sms", Or((TODAY, ERROR))))))
    assert Notation(ACME).tree(tree) == "failed_sms>1 not sms(created:today or status:error)"
    last = Notation(ACME, pick=lambda options: options[-1])
    assert last.tree(tree) == (
        "Num_Failed_Sms > 1  AND\tnot(Sms( Date_Created : “today” Or Status = “ERROR” ))"
    )
