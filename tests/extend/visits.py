"""Use the app in docs/extend.md through its pages. Run in a copy of the project that has it."""

import re
from datetime import timedelta
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from leads.models import Lead
from messaging.models import SmsMessage
from smscenter.accounts.models import User
from tests import factories

Visit: Any = import_module("visits.models").Visit


@pytest.fixture
def text(lead: Lead) -> SmsMessage:
    factories.contact(lead)
    return factories.message(lead, sender=factories.sender(lead.organization))


@pytest.fixture
def visit(lead: Lead, rep: User, text: SmsMessage) -> Any:
    return Visit.objects.create(
        organization=lead.organization, lead=lead, user=rep, text=text, summary="Roof estimate"
    )


def page(client: Client, url: str, **parameters: str) -> str:
    response = client.get(url, parameters)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("query", ["visits > 0", "visit(summary:estimate)", "visit(created:today)"])
def test_leads_are_searched_by_their_visits(
    as_rep: Client, rep: User, visit: Any, query: str
) -> None:
    factories.lead(rep, "Never Visited")
    html = page(as_rep, "/leads/", q=query)
    assert "Bluebird Bakery" in html
    assert "Never Visited" not in html


def test_search_fields_are_suggested_and_explained(as_rep: Client, visit: Any) -> None:
    assert "visits" in page(as_rep, "/search/complete/", model="lead", q="visi")
    assert "Number of visits." in page(as_rep, "/search/words/", model="lead")
    assert "Date of the visit." in page(as_rep, "/search/words/", model="visit")


def test_visits_are_searched(as_rep: Client, as_stranger: Client, visit: Any) -> None:
    html = page(as_rep, "/visits/", q="estimate")
    assert "Roof estimate" in html
    assert re.findall(r'<th scope="col" data-column="(\w+)"', html) == ["lead", "summary", "date"]
    assert "Roof estimate" not in page(as_rep, "/visits/", q="summary:gutter")
    assert "Roof estimate" not in page(as_stranger, "/visits/", q="estimate")
    export = b"".join(as_rep.get("/visits/export/", {"q": "estimate"}))
    assert b"Roof estimate" in export


def test_visits_are_searched_in_the_shell(rep: User, visit: Any) -> None:
    out = StringIO()
    call_command(
        "search",
        "created:today",
        model="visit",
        user=rep.username,
        organization="acme",
        format="json",
        stdout=out,
    )
    assert f'"ids": [{visit.pk}]' in out.getvalue()


def test_the_lead_page_shows_the_visit(
    as_rep: Client, as_stranger: Client, lead: Lead, visit: Any
) -> None:
    html = page(as_rep, lead.get_absolute_url())
    assert "</strong> visited: Roof estimate" in html
    assert "Last visit:" in html
    assert "Visited." in html
    assert as_stranger.get(lead.get_absolute_url()).status_code == 404


def test_a_lead_without_visits_shows_nothing_about_them(
    as_rep: Client, lead: Lead, text: SmsMessage
) -> None:
    html = page(as_rep, lead.get_absolute_url())
    for words in ("visited:", "Last visit:", "Visited.", "Confirmed a visit", "confirms visits"):
        assert words not in html


def test_the_text_shows_the_visit(as_rep: Client, lead: Lead, text: SmsMessage, visit: Any) -> None:
    for url in (lead.get_absolute_url(), text.get_absolute_url()):
        assert "Confirmed a visit" in page(as_rep, url)


def test_the_sender_number_has_a_badge(
    as_rep: Client, lead: Lead, text: SmsMessage, visit: Any
) -> None:
    assert "(confirms visits)</option>" in page(as_rep, lead.get_absolute_url())
    assert "confirms visits" in page(as_rep, text.get_absolute_url())


def test_the_owner_is_notified_of_a_visit(
    as_rep: Client, lead: Lead, colleague: User, visit: Any
) -> None:
    import_module("visits.notifications").notify_of_visit(visit)
    assert "visited" not in page(as_rep, "/notifications/")
    visit.user = colleague
    visit.save()
    import_module("visits.notifications").notify_of_visit(visit)
    html = page(as_rep, "/notifications/")
    assert "carl visited Bluebird Bakery" in html
    assert "Roof estimate" in html


@pytest.mark.django_db(transaction=True)
def test_the_worker_deletes_old_visits(visit: Any) -> None:
    Visit.objects.create(
        organization=visit.organization,
        lead=visit.lead,
        user=visit.user,
        summary="Long ago",
        created=timezone.now() - timedelta(days=731),
    )
    call_command("worker", once=True, interval=0, stdout=StringIO())
    assert [each.summary for each in Visit.objects.all()] == ["Roof estimate"]
