"""The page of all texts: failed texts and their reasons are one click away."""

import csv
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads.models import Lead
from messaging.models import SmsMessage
from smscenter.accounts.models import User
from tests import factories
from tests.queries import number_of

Status = SmsMessage.Status


def page(client: Client, query: str = "") -> str:
    response = client.get(f"/messages/{query}")
    assert response.status_code == 200
    return response.content.decode()


def texts(html: str) -> list[str]:
    return re.findall(r'<a class="words" href="[^"]+">([^<]+)</a>', html)


@pytest.fixture
def messages(lead: Lead) -> None:
    factories.message(lead, text="It failed", status=Status.ERROR, reason="spam")
    factories.message(lead, text="It went out")
    factories.message(lead, text="It came", status=Status.INBOX, direction="incoming")


@pytest.mark.once
def test_the_list_shows_the_status_of_each_text(as_rep: Client, lead: Lead, messages: None) -> None:
    html = page(as_rep)

    assert texts(html) == ["It came", "It went out", "It failed"]
    failed = SmsMessage.objects.failed().get()
    assert f'href="/leads/{lead.pk}/#message-{failed.pk}"' in html
    assert "Flagged as spam" in html


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=status:error", ["It failed"]),
        ("?status=error", ["It failed"]),
        ("?reason=spam", ["It failed"]),
        ("?direction=incoming", ["It came"]),
        ("?q=out&status=sent", ["It went out"]),
        ("?sort=created", ["It failed", "It went out", "It came"]),
    ],
)
def test_the_list_is_searched_and_filtered(
    as_rep: Client, messages: None, query: str, expected: list[str]
) -> None:
    assert texts(page(as_rep, query)) == expected


@pytest.mark.once
def test_filters_can_be_edited_as_a_search(as_rep: Client, messages: None) -> None:
    html = page(as_rep, "?status=error&reason=spam")

    assert 'value="status:error reason:spam"' in html
    assert texts(page(as_rep, "?q=status:error+reason:spam")) == ["It failed"]


@pytest.mark.once
def test_an_empty_list_says_where_to_send_texts(as_rep: Client) -> None:
    assert "No texts yet" in page(as_rep)


@pytest.mark.once
def test_another_organization_sees_no_texts(as_stranger: Client, messages: None) -> None:
    assert texts(page(as_stranger)) == []


def test_more_rows_take_no_more_queries(as_rep: Client, rep: User, lead: Lead) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(as_rep)
        return number_of(captured)

    factories.message(lead)
    queries()  # Which carriers are paused is kept for a few seconds.
    before = queries()
    for number in range(30):
        factories.message(factories.lead(rep, f"Lead {number}"), user=rep)

    assert queries() == before <= 12


def test_the_result_is_exported_as_csv(as_rep: Client, messages: None) -> None:
    response = as_rep.get("/messages/export/?q=status:error")

    rows = list(csv.DictReader(response.getvalue().decode("utf-8-sig").splitlines()))
    assert [row["text"] for row in rows] == ["It failed"]
    assert rows[0]["reason"] == "spam"
    assert "attachment" in response.headers["Content-Disposition"]


@pytest.mark.once
@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_cell_is_never_a_formula(as_rep: Client, lead: Lead, text: str) -> None:
    factories.message(lead, text=text)

    body = as_rep.get("/messages/export/").getvalue().decode("utf-8-sig")

    assert f"'{text}" in body


@pytest.mark.once
def test_exporting_an_invalid_search_shows_its_error(as_rep: Client, messages: None) -> None:
    response = as_rep.get("/messages/export/?q=statsu:x")

    assert response.status_code == 422
    assert "<mark>statsu</mark>:x" in response.content.decode()
    assert 'href="/messages/?q=statsu%3Ax"' in response.content.decode()
