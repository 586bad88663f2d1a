"""Pages by key: complete, in order, both ways, whatever the column holds."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import Lead
from search.paging import COUNT_LIMIT, CursorError, Order, count_of, page_of
from smscenter.accounts.models import User
from tests import factories

ORDERS = [
    Order(column, descending)
    for column in ("name", "failed_sms_count", "last_activity_at")
    for descending in (False, True)
]


@pytest.fixture
def leads(rep: User) -> list[Lead]:
    """Eleven leads with many equal values, so that the id has to decide."""
    moments = [timezone.now(), timezone.now() - timedelta(days=1)]
    return [
        factories.lead(rep, name=f"Ålesund_{number % 3}", created=moments[number % 2])
        for number in range(11)
    ]


def walk(order: Order, *, size: int = 3) -> list[list[int]]:
    pages, after = [], ""
    while True:
        page = page_of(Lead.objects.all(), order, after=after, size=size)
        pages.append([lead.pk for lead in page.rows])
        if not page.after:
            return pages
        after = page.after


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.names[0])
def test_pages_together_are_the_whole_list_in_order(leads: list[Lead], order: Order) -> None:
    whole = list(Lead.objects.order_by(*order.names).values_list("pk", flat=True))

    assert [pk for page in walk(order) for pk in page] == whole


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.names[0])
def test_the_way_back_shows_the_same_pages(leads: list[Lead], order: Order) -> None:
    pages = walk(order)
    third = page_of(
        Lead.objects.all(),
        order,
        after=order.cursor(Lead.objects.get(pk=pages[1][-1])),
        size=3,
    )

    second = page_of(Lead.objects.all(), order, before=third.before, size=3)
    first = page_of(Lead.objects.all(), order, before=second.before, size=3)

    assert [lead.pk for lead in second.rows] == pages[1]
    assert [lead.pk for lead in first.rows] == pages[0]
    assert not first.before
    assert first.after


def test_a_page_asks_once_and_never_by_offset(leads: list[Lead]) -> None:
    order = Order("name")
    with CaptureQueriesContext(connection) as queries:
        page_of(Lead.objects.all(), order, after=order.cursor(leads[3]), size=3)

    assert len(queries) == 1
    assert "OFFSET" not in queries[0]["sql"]


def test_an_empty_list_has_no_neighbours(db: None) -> None:
    page = page_of(Lead.objects.all(), Order("name"))

    assert (page.rows, page.after, page.before) == ([], "", "")


@pytest.mark.parametrize(
    "cursor", ["x", "12", "12_", "_name", "-1_name", "99999999999999999999_a", "1_a\0b"]
)
def test_what_is_no_cursor_is_said_so(db: None, cursor: str) -> None:
    with pytest.raises(CursorError):
        page_of(Lead.objects.all(), Order("name"), after=cursor)


@pytest.mark.parametrize("value", ["yesterday", "2026-13-01", "17"])
def test_a_cursor_of_another_order_is_said_so(db: None, value: str) -> None:
    with pytest.raises(CursorError):
        page_of(Lead.objects.all(), Order("last_activity_at"), after=f"1_{value}")


def test_counts_are_exact_and_then_capped(
    leads: list[Lead], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert str(count_of(Lead.objects.all())) == "11"

    monkeypatch.setattr("search.paging.COUNT_LIMIT", 10)

    assert str(count_of(Lead.objects.all())) == "10+"
    assert COUNT_LIMIT == 10_000
