"""Test CSV exports: phone numbers stay E.164, and text is never a formula."""

import csv
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from leads.models import ContactEmail, Lead
from messaging.models import Attempt
from search.answering.csv_export import PhoneCell, cell
from smscenter.accounts.models import User
from smscenter.audit.models import AuditRecord
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from tests import factories
from tests.queries import number_of

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A1",
            " =1+1", "\u00a0=1", "\u3000=1", "\u200b=1", "\ufeff=1", "+14155550123"]  # fmt: skip


def rows(response: Any) -> list[dict[str, str]]:
    text = b"".join(response).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text, newline="")))


def test_phone_numbers_of_texts_are_exported_as_they_are(as_rep: Client, lead: Lead) -> None:
    factories.message(lead)

    [row] = rows(as_rep.get("/messages/export/"))

    assert row["recipient"] == "+14155550123"
    assert row["sender number"] == "+12125550100"


def test_phone_numbers_of_requests_are_exported_as_they_are(
    client: Client, supporter: User, rep: User
) -> None:
    assert rep.organization
    support_request = factories.support_request(
        rep, sender=factories.sender(rep.organization), kind="other", subject="Hello", body="?"
    )
    move(support_request, State.SUBMITTED, rep)
    client.force_login(supporter)

    [row] = rows(client.get(reverse("review_export")))

    assert row["number"] == "+12125550100"


def test_sales_operations_get_people_reasons_and_the_time_zone(
    as_rep: Client, rep: User, lead: Lead
) -> None:
    person = factories.contact(lead)
    ContactEmail.objects.create(
        organization=lead.organization, contact=person, email="ada@example.com"
    )
    text = factories.message(lead, status="error", reason="unreachable", contact=person)
    Attempt.objects.create(
        organization=lead.organization,
        message=text,
        carrier="sandbox",
        state=Attempt.State.FAILED,
        code="30003",
    )
    expected = {
        "contact": "Ada Baker",
        "email": "ada@example.com",
        "owner": str(rep),
        "failure reason": "Phone unreachable",
        "failure group": "Unknown",
        "carrier code": "30003",
        "time zone": rep.zone.key,
    }

    for url, phone in (("/leads/export/", "phone"), ("/messages/export/", "recipient")):
        [row] = rows(as_rep.get(url))
        assert expected.items() <= row.items()
        assert row[phone] == "+14155550123"


def test_columns_are_chosen(as_rep: Client, lead: Lead) -> None:
    [row] = rows(as_rep.get("/leads/export/?columns=name&columns=phone&columns=nonsense"))

    assert row == {"name": "Bluebird Bakery", "phone": ""}


@pytest.mark.parametrize("url", ["/leads/export/", "/messages/export/"])
def test_a_file_takes_a_fixed_number_of_queries(as_rep: Client, rep: User, url: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            rows(as_rep.get(url))
        return number_of(captured)

    def add(name: str) -> None:
        lead = factories.lead(rep, name)
        factories.message(lead, status="error", reason="spam", contact=factories.contact(lead))

    add("First")
    before = queries()
    for number in range(10):
        add(f"Lead {number}")
    assert queries() == before


def test_a_download_that_was_stopped_is_in_the_audit_log(as_rep: Client, lead: Lead) -> None:
    """On PostgreSQL, reading is a transaction, which is then rolled back."""
    response: Any = as_rep.get("/leads/export/")
    lines = iter(response)
    assert "Bluebird Bakery" in b"".join([next(lines), next(lines)]).decode()
    for close in response._resource_closers:  # `close` would also close the test's connection
        close()
    assert not connection.needs_rollback
    assert AuditRecord.objects.filter(action="exported").exists()


@pytest.mark.parametrize("text", FORMULAS)
def test_free_text_is_never_a_formula(as_rep: Client, lead: Lead, text: str) -> None:
    factories.message(lead, text=text)

    [row] = rows(as_rep.get("/messages/export/"))

    assert row["text"] == f"'{text}"


@pytest.mark.parametrize("number", ["=1", "+1+1", "+1415=", "+", "+١٤١٥", " +14155550123", "@1"])
def test_text_in_a_phone_column_is_escaped_unless_it_is_a_number(number: str) -> None:
    assert cell(PhoneCell(number)) == f"'{number}"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (PhoneCell(""), ""),
        (PhoneCell("12345"), "12345"),
        (-5, "-5"),
        (-0.5, "-0.5"),
        (date(2026, 11, 27), "2026-11-27"),
        (datetime(2026, 11, 27, 9, tzinfo=UTC), "2026-11-27 09:00:00+00:00"),
        (UUID(int=0), "00000000-0000-0000-0000-000000000000"),
        ("Hello - or =1", "Hello - or =1"),
        ("(415) 555-0123", "(415) 555-0123"),
    ],
)
def test_harmless_text_is_unchanged(value: object, written: str) -> None:
    assert cell(value) == written
