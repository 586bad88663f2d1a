"""Test keyset pagination: complete, in order, in both directions, for any column."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, F, QuerySet
from django.db.models.functions import Upper
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import Lead
from messaging.models import SmsMessage
from search.answering.paging import CursorError, Key, Order, page_of
from search.limits import COUNT_LIMIT
from search.words.counting import count_of
from smscenter.accounts.models import User
from tests import factories

ORDERS = {
    "name": Order.by("name"),
    "-name": Order.by("name", descending=True),
    # Most leads have no failed text, and one contact. The index of an order leaves them out.
    "failed": Order.by("failed_sms_count"),
    "contacts": Order.by("contact_count"),
    "-contacts": Order((Key("contact_count", descending=True), Key("name"))),
    "-activity": Order.by("last_activity_at", descending=True),
    "nothing first or last": Order((Key("last_note_at", nullable=True),)),
    "-nothing": Order((Key("last_note_at", descending=True, nullable=True),)),
    "several": Order(
        (Key("last_note_at", descending=True, nullable=True), Key("name"), Key("created"))
    ),
    "expression": Order((Key(Upper("name"), descending=True), Key("created"))),
    "number of rows": Order((Key(Count("contacts")), Key("name", descending=True))),
}


@pytest.fixture
def leads(rep: User) -> list[Lead]:
    """Create eleven leads with many equal and missing values, so that the ID decides."""
    now = timezone.now()
    made = [
        factories.lead(rep, name=f"Ålesund_{number % 3}", created=now - timedelta(days=number % 2))
        for number in range(11)
    ]
    for number, lead in enumerate(made):
        at = now - timedelta(hours=number % 3) if number % 4 else None
        Lead.objects.filter(pk=lead.pk).update(
            last_note_at=at, contact_count=number % 3, failed_sms_count=number % 2
        )
    factories.contact(made[3])
    factories.contact(made[5])
    return made


def walk(order: Order, size: int = 3, rows: QuerySet[Any] | None = None) -> list[list[int]]:
    pages, after = [], ""
    while True:
        page = page_of(Lead.objects.all() if rows is None else rows, order, after=after, size=size)
        pages.append([row.pk for row in page.rows])
        if not page.after:
            return pages
        after = page.after


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_pages_cover_the_whole_list_in_order(leads: list[Lead], order: Order) -> None:
    whole = [lead.pk for lead in order.apply(Lead.objects.all())]

    assert [pk for page in walk(order) for pk in page] == whole
    assert sorted(whole) == [lead.pk for lead in leads]


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_paging_back_returns_the_same_pages(leads: list[Lead], order: Order) -> None:
    pages = walk(order)
    last_of_second = order.apply(Lead.objects.filter(pk=pages[1][-1])).get()
    third = page_of(Lead.objects.all(), order, after=order.cursor(last_of_second), size=3)

    second = page_of(Lead.objects.all(), order, before=third.before, size=3)
    first = page_of(Lead.objects.all(), order, before=second.before, size=3)

    assert [lead.pk for lead in second.rows] == pages[1]
    assert [lead.pk for lead in first.rows] == pages[0]
    assert not first.before
    assert first.after


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("rest", [(), (Key("created", descending=True),)], ids=["", "created"])
def test_texts_in_the_order_of_their_segments(
    rep: User, rest: tuple[Key, ...], descending: bool
) -> None:
    """Texts with one or two segments, most of them, are read in other steps than the others."""
    lead, now = factories.lead(rep), timezone.now()
    for number, segments in enumerate([2, 1, 0, 5, 1, 2, 1, 4, 0, 2, 1, 4, 5, 1, 2]):
        at = now - timedelta(days=number % 4)
        factories.message(lead, segments=segments, created=at)
    order = Order((Key("segments", descending), *rest))
    texts = SmsMessage.objects.all()
    whole = [text.pk for text in order.apply(texts)]

    pages = walk(order, 4, texts)
    last = order.cursor(order.apply(texts)[14])
    back = page_of(texts, order, before=last, size=9)

    assert [pk for page in pages for pk in page] == whole
    assert [text.pk for text in back.rows] == whole[5:14]
    assert page_of(texts.none(), order).rows == []


def test_rows_without_a_value_come_last_in_both_directions(leads: list[Lead]) -> None:
    for descending in (False, True):
        order = Order((Key("last_note_at", descending=descending, nullable=True),))
        moments = [lead.last_note_at for lead in order.apply(Lead.objects.all())]
        assert moments[-3:] == [None] * 3
        assert None not in moments[:-3]


def test_a_page_is_one_query_without_offset(leads: list[Lead]) -> None:
    order = Order.by("name")
    after = page_of(Lead.objects.all(), order, size=3).after
    with CaptureQueriesContext(connection) as queries:
        page_of(Lead.objects.all(), order, after=after, size=3)

    assert len(queries) == 1
    assert "OFFSET" not in queries[0]["sql"]


def test_keyset_columns_are_not_expressions(leads: list[Lead]) -> None:
    """Check that the key isn't an expression, because no index would serve that."""
    sql = str(Order.by("name").apply(Lead.objects.filter(created__gt=F("updated"))).query)

    assert "ORDER BY" in sql
    assert "ORDER BY UPPER" not in sql


def test_an_empty_list_has_no_other_pages(db: None) -> None:
    page = page_of(Lead.objects.all(), Order.by("name"))

    assert (page.rows, page.after, page.before) == ([], "", "")


def cursor(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "ä",
        "====",
        cursor("[]"),
        cursor("{}"),
        cursor('["name"]'),
        cursor('["name", 1, 2]'),
        cursor('["name", null]'),
        cursor('["name", "x"]'),
        cursor('["name", -1]'),
        cursor('["name", 99999999999999999999]'),
        cursor('["a\\u0000b", 1]'),
        cursor("[" * 5000),
        cursor('[["a"], 1]'),
    ],
)
def test_an_invalid_cursor_raises_an_error(db: None, after: str) -> None:
    with pytest.raises(CursorError):
        page_of(Lead.objects.all(), Order.by("name"), after=after)


@pytest.mark.parametrize("value", ['"yesterday"', '"2026-13-01"', "17", '"2026-01-01T00:00:00"'])
def test_a_cursor_of_another_order_raises_an_error(db: None, value: str) -> None:
    with pytest.raises(CursorError):
        page_of(Lead.objects.all(), Order.by("last_activity_at"), after=cursor(f"[{value}, 1]"))


def test_counts_are_exact_and_then_capped(
    leads: list[Lead], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert str(count_of(Lead.objects.all())) == "11"

    monkeypatch.setattr("search.limits.COUNT_LIMIT", 10)

    assert str(count_of(Lead.objects.all())) == "10+"
    assert COUNT_LIMIT == 10_000
