"""Test that any text quickly returns rows or raises QueryError.

`SEARCH_EXAMPLES=100000 pytest tests/search/language/test_fuzz.py` is the long run.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.plugin import DjangoDbBlocker

import search
from smscenter.accounts.models import User
from tests.search.differential.database import stored
from tests.search.differential.product import MODELS, PRODUCT, WORLD, random_queries, searcher
from tests.search.differential.records import NOW

pytestmark = pytest.mark.django_db
LONGEST = 10_000  # characters of a query
SLOWEST = 0.05  # seconds of CPU
KINDS = st.sampled_from(["lead", "sms"])

# The four documented queries, real queries, and broken ones.
SEEN = [
    *("failed_sms > 1", "has:error_sms_messages", "latest_sms_status:error", "*", "sort:created"),
    *("sms(created:today direction:outgoing status:error)", "sms_messages > 0", "phone: 415 john"),
    *('sms( date >= "2023-05-01" status:error  direction:outbound )', "created <= 30 days ago"),
    *('sms( status:error ) in:"Mine"', "(sms( status:error )) slice:1/3", "status:potential"),
    *('name:"john doe"', "created_by : justin", 'john "new york"', '"John said \\"Hello world\\""'),
    *("custom.Tags:* sort:created", '"custom.Plan":* not "custom.Migration completed":*'),
    *("sort:created slice:2/10 contacts > 1", 'phone in ("+18004445555","+16503334444")'),
    *(
        'email_address:"a@example.com" sort:-contacts,-created',
        "status:bad_fit or status:potential",
    ),
    *('date_created < "2 weeks ago" and date_created >= "1 week ago"', "status:potential limit:5"),
    *(
        '"custom.Lead Source (Sample)":12345',
        "has:phone_numbers has:email_addresses",
        "statsu:open",
    ),
    *("status:opne", "call(date:today)", "failed_sms > many", "created:2026-13-40", "status:"),
    *("(a or b", 'name:"open', "a)", '"x":"y""', "name:Bruce Wayne", "name:'Wayne Enterprises'"),
    *("failed_sms > 1 or", 'status:Potential status:"Bad Fit"', "last_activity > 14 days ago"),
    *("failed_sms:1..5", "created:2026-11-01..2026-11-07", "not sms()", "-name:blue", "owner:me"),
]
# Distant dates, large numbers, deep or long queries, and unusual characters.
EXTREMES = [
    *("created:9999-12-31", "created:0001-01-01", "created > 999999999 years ago", "slice:0/0"),
    *("created:9999-12", "created > 9999-12-31", "created <= 0001-01-01T00:00", "slice:1/0"),
    *("created:999999999999999999999 days ago", "created:last 99999999 months", "slice:5/3"),
    *("created > 2025 years ago", "created < 24299 months ago", "created:0000-00-00", "limit:0"),
    *(
        "limit:99999999999",
        "limit:" + "9" * 5_000,
        "limit:9223372036854775808",
        "slice:1/99999999999999999999",
    ),
    *("failed_sms > " + "9" * 400, "failed_sms:1e999", "failed_sms:nan", "failed_sms:-inf"),
    *("failed_sms > 1e400", "custom.Tags:" + "9" * 500, '"Monthly Billable Amount" > 1e308'),
    *('"Monthly Billable Amount" > 1e309', '"Monthly Billable Amount" = ' + "9" * 300),
    *("failed_sms:9223372036854775807..", "owner:" + "9" * 50, "lead_status_id:" + "9" * 30),
    *("phone:" + "4" * 300, "limit:-1", "limit:1.5", "limit:٣", "failed_sms > ١", "failed_sms:²"),
    *("name:\0", '"\0"', "\0", "in:\0", 'status:"\0"', "owner:\0", "\ud7ff\ue000", "\U0010ffff"),
    *("\u202e name:blue", "\u200b", "\ufeff*", "e\u0301" * 40, "\u0301", '"\u0301"', "name:\u0301"),
    *("(" * 5_000, "(" * 5_000 + "a" + ")" * 5_000, "not " * 4_000 + "a", "-" * 5_000 + "a"),
    *(
        "sms(" * 30 + ")" * 30,
        "a " * 4_999,
        "a" * 10_000,
        "a." * 5_000,
        " " * 9_999 + ")",
        '"' + "a " * 4_000 + '"',
        '"' * 9_999,
    ),
    *("a or " * 900 + "a", "a and (" * 90 + "a" + ")" * 90, "\\" * 3_000, ":" * 3_000),
    *("," * 9_999, "a" + " " * 9_990 + ",", '\\"' * 5_000, "a:(" * 3_000, "a in (" * 1_600),
    *(
        "||" * 5_000,
        "status " * 19,
        "(status or " * 19,
        "phone:4" + "1 " * 19,
        "created:" + "a " * 90,
    ),
    *("'" * 9_999, "sort:" + ",".join(["name"] * 1_900)),
    *("name in (" + ",".join(map(str, range(501))) + ")", "name in (" + "a," * 9_000 + "a)"),
    *("phone in (" + ",".join(["415"] * 490) + ")", "sort:" + ",".join(["name"] * 900)),
    *(
        "name:" + "\U0001f642" * 900,
        "🙂",
        "東京",
        "%",
        "_",
        "name:%",
        "'",
        "';--",
        "$1",
        "{}",
        "%s",
    ),
]
OVER_LIMITS = [
    *("a" * 10_001, "(" * 21 + "a" + ")" * 21, "not " * 21 + "a", "a " * 101, "a or " * 101 + "a"),
    *("name in (" + ",".join("a" * 501) + ")", "contact(" * 11 + "not (" * 11 + "a" + ")" * 22),
]


@pytest.fixture(scope="module", autouse=True)
def rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), stored(WORLD):
        yield


@pytest.fixture
def person() -> User:
    return searcher("rita")


def characters() -> st.SearchStrategy[str]:
    """Draw characters of any plane, and often those with a meaning in queries."""
    meaning = st.sampled_from([*"\"'“”()[]:=<>!-*,./\\ \t\n\0abor01", " or ", " not ", "in ("])
    return meaning | st.characters(exclude_categories=["Cs"])


@st.composite
def typed(draw: st.DrawFn) -> str:
    """Draw any text, or a real query with a part cut, doubled, moved, or inserted."""
    if draw(st.booleans()):
        return "".join(draw(st.lists(characters(), max_size=60)))
    text = draw(st.sampled_from(SEEN))
    for _ in range(draw(st.integers(0, 3))):
        low, high = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        cut, rest = text[low:high], text[:low] + text[high:]
        other = draw(st.sampled_from([*SEEN, ""]) | characters())
        text = draw(
            st.sampled_from([rest, text[:high] + cut + text[high:], rest + cut])
            | st.just(text[:low] + other + text[high:])
            | st.just(f"{text} {other}")
        )
    return text


def run_query(kind: str, text: str, user: User) -> search.Result | None:
    """Run a query like a page does. Return None if it raises QueryError."""
    try:
        result = search.run(PRODUCT[kind], text, user, NOW)
    except search.QueryError as error:
        problem = error.problem
        assert 0 <= problem.start <= problem.end <= len(text), text
        assert problem.message, text
        return None
    assert result.interpretation, text
    return result


def check(kind: str, text: str, user: User, cursor: int = 0) -> None:
    if run_query(kind, text, user) is not None:
        printed = str(search.parse(text))
        # A list is printed with spaces, so it can exceed the length limit.
        assert len(printed) > LONGEST or search.parse(printed) == search.parse(text), (
            f"{text!r} was printed as {printed!r}"
        )
        rows: Any = MODELS[kind].objects.visible_to(user).search(text, user=user, at=NOW)
        assert len(rows[:3]) <= 3
    for suggestion in search.complete(PRODUCT[kind], text, min(cursor, len(text)), user, NOW):
        assert 0 <= suggestion.start <= suggestion.end <= len(text), text


def seconds(kind: str, text: str, user: User) -> float:
    start = time.process_time()
    with suppress(search.QueryError):
        search.run(PRODUCT[kind], text, user, NOW)
    return time.process_time() - start


@random_queries(60)
@given(text=typed(), kind=KINDS, cursor=st.integers(0, 100))
def test_any_text_returns_rows_or_raises_query_error(text: str, kind: str, cursor: int) -> None:
    check(kind, text, searcher("rita"), cursor)


@pytest.mark.parametrize("kind", ["lead", "sms"])
def test_extreme_texts(kind: str, person: User) -> None:
    for text in EXTREMES:
        try:
            check(kind, text, person, cursor=len(text))
        except Exception as error:
            error.add_note(f"{text[:80]!r}")
            raise


@pytest.mark.once
@pytest.mark.parametrize("kind", ["lead", "sms"])
def test_extreme_texts_are_fast(kind: str, person: User) -> None:
    for text in (*SEEN, *EXTREMES, *OVER_LIMITS):
        # One of five, because other processes can slow it down.
        is_fast = any(seconds(kind, text, person) < SLOWEST for _ in range(5))
        assert is_fast, f"{text[:80]!r}"


@pytest.mark.once
def test_queries_over_the_limits_never_reach_the_database(person: User) -> None:
    def refuse(execute: Any, sql: str, *rest: Any) -> None:
        pytest.fail(f"ran a query: {sql}")

    for text in OVER_LIMITS:
        with connection.execute_wrapper(refuse), pytest.raises(search.QueryError) as raised:
            search.run("lead", text, person, NOW)
        assert raised.value.problem.code == "too_complex", text[:80]
        assert any(digit.isdigit() for digit in raised.value.problem.message), text[:80]
