"""Test that four times the rows take about four times the work, without ANALYZE.

SQLite's steps are counted, not its time, because they're the same on any machine.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from leads.models import Address, Contact, ContactEmail, ContactPhone, Lead, LeadStatus, Note
from messaging.models import Attempt, SmsMessage
from search import reference, run
from search.answering.paging import Order, page_of
from search.words import vocabulary
from search.words.counting import count_of
from search.words.related_rows import ParentRow, RelatedRows
from search.words.vocabulary import Vocabulary
from smscenter.accounts.models import User

on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="counts SQLite's steps")
FEW, TIMES, TEXTS = 30, 4, 8
# A factor of four for the rows, the rest for deeper indexes and sorting.
MOST_GROWTH = 6
# Below this, the fixed cost of a statement dominates.
LEAST_STEPS = 3_000
DIRECTIVE = re.compile("(sort|limit|slice):")

COMBINED = [
    "not sms(segments > 1)",
    "sms(segments > 1) or name:zebra",
    "sms(user:me segments > 9)",
    "not sms(user:me)",
    "sms(user:me or segments > 9)",
    "sms(user:me or template:zebra)",
    "sms(template:zebra user:me)",
    "sms(not user:me text:zebra)",
    "sms(lead(sms(segments > 9)))",
    "sms(lead(note(user:me) or sms(user:me text:zebra)))",
    "sms(lead(sms(lead(sms(text:zebra)))))",
    "note(user:me text:zebra)",
    "not note(user:me) not contact(name:zebra)",
    "(sms(segments > 1) or note(text:zebra)) (contact(name:ada) or address(city:zebra))",
    "phone_numbers > 5 or email_addresses > 5 or notes > 50",
    "sort:-notes,-contacts phone_numbers > 0",
    "sms(segments > 9) limit:5",
    "slice:2/3 sms(text:zebra)",
]


@pytest.fixture(autouse=True)
def without_statistics(db: None) -> None:
    """Drop the statistics, which a worker in another test may have gathered."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS sqlite_stat1")
            cursor.execute("ANALYZE sqlite_schema")  # reload the statistics, which are empty now


def fill(rep: User, number: int) -> None:
    """Add leads with texts and one of each related row, without gathering statistics."""
    ours = {"organization": rep.organization}
    status = LeadStatus.objects.filter(organization=rep.organization).first()
    leads = Lead.objects.bulk_create(
        Lead(**ours, status=status, owner=rep, name="Quarry") for _ in range(number)
    )
    people = Contact.objects.bulk_create(Contact(**ours, lead=row, name="Ada") for row in leads)
    ContactPhone.objects.bulk_create(
        ContactPhone(**ours, contact=person, phone="+14155550123") for person in people
    )
    ContactEmail.objects.bulk_create(
        ContactEmail(**ours, contact=person, email="ada@example.com") for person in people
    )
    Address.objects.bulk_create(Address(**ours, lead=row, city="Oakland") for row in leads)
    Note.objects.bulk_create(Note(**ours, lead=row, user=rep, text="Budget") for row in leads)
    now = timezone.now()
    texts = SmsMessage.objects.bulk_create(
        SmsMessage(
            **ours,
            lead=row,
            user=rep,
            direction="outgoing",
            status="sent",
            text="See you at the quarry",
            remote_phone="+14155550123",
            created=now - timedelta(hours=index),
        )
        for row in leads
        for index in range(TEXTS)
    )
    Attempt.objects.bulk_create(
        Attempt(**ours, message=text, carrier="sandbox", state="accepted") for text in texts
    )


class Steps:
    """Count SQLite's steps, in hundreds."""

    number = 0

    def tick(self) -> None:
        self.number += 1


@contextmanager
def counting() -> Iterator[Steps]:
    steps = Steps()
    connection.connection.set_progress_handler(steps.tick, 100)
    try:
        yield steps
    finally:
        connection.connection.set_progress_handler(None, 0)


def steps_of(model: str, query: str, user: User) -> int:
    """Return the steps of a page and its count."""
    result = run(model, query, user)
    newest = "last_activity_at" if model == "lead" else "created"
    order = Order.of(result.order) if result.order else Order.by(newest, descending=True)
    with counting() as steps:
        page_of(result.rows, order)
        count_of(result.rows)
    return steps.number * 100


def queries(user: User) -> Iterator[tuple[str, str]]:
    """Return queries with every search field, also in its group, and combinations."""
    for model in ("lead", "message"):
        for word in reference(model, user):
            if word.example:
                yield model, word.example
    for word in reference("message", user):
        if word.example and not word.example.startswith("lead("):
            yield "lead", f"sms({word.example})"
            yield "message", f"lead(sms({word.example}))"
            yield "lead", f"not sms(segments > 9 {word.example})"
    for query in COMBINED:
        yield "lead", query
        if not DIRECTIVE.search(query):
            yield "message", f"lead({query})"


@on_sqlite
def test_search_cost_is_not_quadratic(rep: User) -> None:
    fill(rep, FEW)
    searches = list(dict.fromkeys(queries(rep)))
    few = {each: steps_of(*each, rep) for each in searches}
    fill(rep, FEW * (TIMES - 1))
    many = {each: steps_of(*each, rep) for each in searches}

    grown = {
        each: round(many[each] / few[each], 1)
        for each in searches
        if many[each] > MOST_GROWTH * max(few[each], LEAST_STEPS)
    }
    assert len(searches) > 100
    assert grown == {}


@on_sqlite
def test_a_search_of_texts_reads_each_text_about_once(rep: User) -> None:
    """Guard against reading every text for every lead, which took 27 seconds at 2,300 leads."""
    fill(rep, FEW * TIMES)

    assert steps_of("lead", "sms(segments > 1)", rep) < 30 * FEW * TIMES * TEXTS


def rows_of(words: Vocabulary, seen: set[str]) -> Iterator[tuple[Vocabulary, RelatedRows]]:
    """Return the related rows that a vocabulary and its groups read."""
    if words.title in seen:
        return
    seen.add(words.title)
    for each in [*words.fields, *words.bare_fields]:
        for rows in (each.rows, getattr(each.column, "rows", None)):
            if rows and rows.model:
                yield words, rows
    for group in words.groups:
        yield words, group.rows
        yield from rows_of(group.vocabulary, seen)


def links(words: Vocabulary, rows: RelatedRows) -> Iterator[tuple[str, str]]:
    """Return the table and column of each foreign key on the path to the row."""
    model = words.model if isinstance(rows, ParentRow) else apps.get_model(rows.model)
    for name in rows.link.split("__"):
        field: Any = model._meta.get_field(name)
        if not field.is_relation:
            return  # triggers write the words of a text, with its organization
        yield model._meta.db_table, field.column
        model = field.related_model


def is_of_one_organization(table: str, column: str) -> bool:
    """Return whether a constraint keeps both rows in one organization (see SameOrganization)."""
    name = f"{table}_{column}_organization"
    sql = "SELECT 1 FROM pg_constraint WHERE conname = %s"
    if connection.vendor == "sqlite":
        name += "_insert"
        sql = "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [name])
        return cursor.fetchone() is not None


def test_a_constraint_keeps_related_rows_in_the_organization_of_the_row() -> None:
    seen: set[str] = set()
    read = {
        link
        for words in map(vocabulary.get, vocabulary.keys())
        for owner, rows in rows_of(words, seen)
        if not rows.all_organizations
        for link in links(owner, rows)
    }

    assert ("messaging_smsmessage", "lead_id") in read
    assert ("leads_contactphone", "contact_id") in read
    assert [link for link in sorted(read) if not is_of_one_organization(*link)] == []
