"""What a lead's columns and words answer is what its rows answer, asked the long way."""

import pytest
from django.db import connection
from django.db.models import Func, Value
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from leads.models import Lead
from messaging.models import MessageTemplate, SmsMessage
from search import limits, run
from search.answering import compiler
from search.answering.paging import Order, page_of
from search.limits import Count
from search.words import counting, related_rows
from search.words.context import SearchContext
from search.words.related_rows import those_of
from smscenter.accounts.models import User
from tests.search.conftest import NOW, Find

pytestmark = pytest.mark.usefixtures("acme")

# A group with a term twice isn't one that has a short way.
SHORT_AND_LONG = [
    ("sms(status:sent)", "sms(status:sent status:sent)"),
    ("not sms(status:sent)", "not sms(status:sent status:sent)"),
    ("sms(created >= 2026-11-01)", "sms(created >= 2026-11-01 created >= 2026-11-01)"),
    ("not sms(created >= 2026-11-20)", "not sms(created >= 2026-11-20 created >= 2026-11-20)"),
    ("sms(created < 3 days ago)", "sms(created < 3 days ago created < 3 days ago)"),
    (
        "has:sms not sms(created < 300 days ago)",
        "has:sms not sms(created < 300 days ago created < 300 days ago)",
    ),
    (
        "not sms(created >= 2026-11-20) has:sms",
        "not sms(created >= 2026-11-20 created >= 2026-11-20) has:sms",
    ),
    ("not sms(created <= 3 days ago)", "not sms(created <= 3 days ago created <= 3 days ago)"),
    ("sms(created > 3 days ago)", "sms(created > 3 days ago created > 3 days ago)"),
    ("sms(created:yesterday)", "sms(created:yesterday created:yesterday)"),
    ("has:outgoing_sms", "sms(direction:outgoing or direction:outgoing)"),
    ("not last_outgoing_sms:*", "not sms(direction:outgoing or direction:outgoing)"),
    ("last_incoming_sms:never", "not sms(direction:incoming or direction:incoming)"),
    ("first_sms:never", "not sms(segments > 0)"),
    ("first_sms:yesterday", "sms(created:yesterday) not sms(created < yesterday)"),
    ("first_sms < 2026-11-20", "sms(created < 2026-11-20)"),
    ("first_sms > yesterday", "sms(created > yesterday) not sms(created <= yesterday)"),
    ("not first_sms:yesterday", "not sms(created:yesterday) or sms(created < yesterday)"),
    ("contacts > 0", "contact(name:* or title:*)"),
    ("contacts > 1", "contact(name:ada) contact(not name:ada)"),
    ("phone_numbers > 0", "contact(phone:*)"),
    ("email_addresses > 0", "contact(email:*)"),
    ("addresses > 0", "address(country:*)"),
    ("notes = 0", "not note(text:*)"),
    ("contact:ada", "contact(name:ada name:ada)"),
    ("not contact:ada", "not contact(name:ada name:ada)"),
    ("email:@EXAMPLE.com", "email:example email:com"),
    ("email:ADA@example.com", "contact(email:@example.com name:ada)"),
    ("sms(attempts > 1)", "sms(attempts:2..)"),
    ("phone:415555", "contact(phone:415555 phone:415555)"),
]


@pytest.mark.parametrize("few", [0, 2_000])
def test_both_ways_find_the_same_leads(
    find: Find, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(related_rows, "FEW", few)
    found = {short: (find(short), find(long)) for short, long in SHORT_AND_LONG}
    assert {short: rows for short, rows in found.items() if rows[0] != rows[1]} == {}
    assert sum(bool(rows) for rows, _ in found.values()) > 16


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite doesn't look first")
def test_all_looks_of_a_search_share_one_time(rep: User, settings: Settings) -> None:
    settings.SEARCH_SECONDS = settings.SEARCH_SECONDS | {"looking": 0.1}
    context = SearchContext.of(rep)
    slow = Lead.objects.annotate(slept=Func(Value(9), function="pg_sleep")).values("slept")
    assert not those_of(slow, 9, context).are_all
    with CaptureQueriesContext(connection) as queries:
        assert not those_of(Lead.objects.values("pk"), 9, context).are_all
    assert not queries.captured_queries


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite doesn't look first")
def test_more_texts_are_counted_if_looking_takes_long(
    rep: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SEARCH_SECONDS = settings.SEARCH_SECONDS | {"looking": 0}
    for name, value in {"MANY": 0, "COMMON": (), "NOT_RARE": (1, 2_500)}.items():
        monkeypatch.setattr(related_rows, name, value)
    rows = run("lead", 'sms(text:"see you")', rep).rows.order_by("pk")
    assert "OFFSET 0" in str(rows.query)
    assert len(rows) == 1
    # Without it, PostgreSQL may look up all texts with the words for each lead.
    assert "IS TRUE" in str(rows.query)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite doesn't look first")
def test_few_templates_are_looked_up_once_and_not_for_each_lead(
    rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(related_rows, "FEW", 0)
    text = SmsMessage.objects.get(text__startswith="See you")
    text.template = MessageTemplate.objects.create(
        organization=text.organization, name="Hi", text="Hi"
    )
    text.save()
    rows = run("lead", "sms(template:hi)", rep).rows
    assert MessageTemplate._meta.db_table not in str(rows.query)
    assert len(rows) == 1


@pytest.mark.parametrize("few", [-1, 2_000])
def test_slices_are_all_rows_and_none_twice(
    find: Find, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiler, "FEW", few)
    slices = [find(f"has:sms slice:{number}/3") for number in (1, 2, 3)]
    assert sum(map(len, slices)) == len(set().union(*slices)) == len(find("has:sms"))


def test_each_way_finds_the_same_texts(rep: User, monkeypatch: pytest.MonkeyPatch) -> None:
    queries = ("lead(name:bluebird)", "not lead(name:bluebird)", "lead(owner:me) to:415")
    found = []
    for few, some in ((200, 20_000), (-1, 20_000), (-1, -1)):
        monkeypatch.setattr(related_rows, "FEW_PARENTS", few)
        monkeypatch.setattr(related_rows, "SOME", some)
        results = [run("message", query, rep, NOW).rows for query in queries]
        found += [[set(rows.order_by("pk").values_list("pk", flat=True)) for rows in results]]
        assert [rows.count() for rows in results] == [len(rows) for rows in found[-1]]
    assert found[0] == found[1] == found[2]
    assert all(found[0])


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL infers the condition")
@pytest.mark.parametrize(
    ("query", "index"), [("status:scheduled", "sms_rare_status"), ("reason:spam", "sms_reason")]
)
def test_rare_texts_are_read_by_a_partial_index(rep: User, query: str, index: str) -> None:
    assert index in run("message", query, rep).rows.order_by().explain()
    assert index in run("lead", f"sms({query})", rep).rows.order_by().explain()


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL looks up beginnings")
def test_area_codes_are_ranges_of_an_index(rep: User) -> None:
    index = "sms_remote_phone (organization_id=? AND remote_phone>? AND remote_phone<?)"
    assert index in run("message", "to:415", rep).rows.order_by().explain()
    assert index in run("lead", "sms(to:415)", rep).rows.order_by().explain()


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite doesn't look first")
@pytest.mark.parametrize("field", ["Monthly Billable Amount", "owner"])
def test_few_leads_are_sorted_at_once(rep: User, field: str) -> None:
    """Those of other leads would be read in vain first."""
    result = run("lead", f'bluebird sort:"{field}"', rep)
    with CaptureQueriesContext(connection) as queries:
        page = page_of(result.rows, Order.of(result.order))
    assert len(page.rows) == len(queries) == 1


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite counts all rows")
@pytest.mark.parametrize("limit", [1, 2, 100])
@pytest.mark.parametrize("part", [1, 100])
def test_counts_of_a_part_are_never_wrong(
    rep: User, monkeypatch: pytest.MonkeyPatch, limit: int, part: int
) -> None:
    monkeypatch.setattr(related_rows, "FEW", -1)
    monkeypatch.setattr(limits, "COUNT_LIMIT", limit)
    monkeypatch.setattr(counting, "EXPECTED", 0)
    monkeypatch.setattr(counting, "PART", part)
    leads = ("sms(text:see)", "sms(segments > 0) not sms(text:see)", "email:@example.com", "fair")
    texts = ("text:se", "to:415", "user:me")
    queries = [*(("lead", query) for query in leads), *(("message", query) for query in texts)]
    numbers = []
    for model, query in queries:
        rows = run(model, query, rep, NOW).rows
        numbers.append(len(rows))
        assert counting.count_of(rows) == Count.of(numbers[-1])
    assert max(numbers) > 2 > min(numbers)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite counts all rows")
def test_a_part_is_enough_for_a_count_over_the_limit(
    rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "COUNT_LIMIT", 1)
    monkeypatch.setattr(counting, "EXPECTED", 0)
    rows = run("lead", "sms(segments > 0)", rep, NOW).rows
    with CaptureQueriesContext(connection) as queries:
        assert str(counting.count_of(rows)) == "1+"
    [guess, count] = [query["sql"] for query in queries]
    assert guess.startswith("EXPLAIN")
    assert f"LIMIT {counting.PART}" in count
