"""The help page that explains carriers' codes."""

import pytest
from django.test import Client
from pytest_django import Settings

from leads.models import Lead
from messaging.models import CarrierCode
from tests import factories
from tests.html import html_of
from tests.messaging import calls

pytestmark = pytest.mark.once


def test_a_code_has_its_reason_its_retries_and_what_to_do(as_rep: Client) -> None:
    html = html_of(as_rep.get("/help/codes/"))
    row = html.split("<code>30034</code>")[1].split("</tr>")[0]
    assert '<a href="/help/unregistered-sender/">Sender not registered</a>' in row
    assert "Never: someone has to fix the cause first" in row
    assert "add the sender number to a registered 10DLC campaign" in row
    assert "After 15 to 30 minutes" in html.split("<code>30450</code>")[1].split("</tr>")[0]


@pytest.mark.parametrize("query", ["30007", "flagged FILTERED", "whitelisting carrier"])
def test_codes_are_found_by_number_reason_and_words(as_rep: Client, query: str) -> None:
    html = html_of(as_rep.get("/help/codes/", {"q": query}))
    assert "<code>30007</code>" in html
    assert "<code>30034</code>" not in html


def test_an_unknown_code_gets_an_answer(as_rep: Client) -> None:
    html = html_of(as_rep.get("/help/codes/", {"q": "<b>99999"}))
    assert "No codes match “&lt;b&gt;99999”. If it's a new code, support will classify it." in html


def test_only_failures_and_only_carriers_in_use_are_listed(as_rep: Client) -> None:
    CarrierCode.objects.create(carrier="twilio", code="99999", known=False)
    listed = {row.code for row in as_rep.get("/help/codes/").context["rows"]}
    assert not listed & {"30009", "40001", "4001", "99999"}
    assert len(listed) > 80


def test_with_several_carriers_each_code_names_its_own(as_rep: Client, settings: Settings) -> None:
    assert '<td data-label="Carrier">' not in html_of(as_rep.get("/help/codes/"))
    settings.CARRIERS = ["sandbox", "telnyx"]
    html = html_of(as_rep.get("/help/codes/"))
    for code, name in [("30034", "Sandbox"), ("40012", "telnyx")]:
        row = html.split(f"<code>{code}</code>")[1].split("</tr>")[0]
        assert f'<td data-label="Carrier">{name}</td>' in row


def test_staff_can_read_it(client: Client, db: None) -> None:
    client.force_login(factories.user(None, "sam", is_staff=True))
    assert client.get("/help/codes/").status_code == 200


def test_the_code_of_a_failed_text_links_to_it(as_rep: Client, lead: Lead) -> None:
    message = factories.message(lead)
    calls.accepted(message)
    calls.report("failed", "30034")
    html = html_of(as_rep.get(message.get_absolute_url()))
    assert '<a href="/help/codes/?q=30034"><code>30034</code></a>' in html
