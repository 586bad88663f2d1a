"""The lead page: contacts, details, the timeline, and a fixed number of queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import Address, CustomField, Lead, Note
from messaging.models import Attempt, SmsMessage
from smscenter.accounts.models import User
from tests import factories


def page(client: Client, lead: Lead, query: str = "") -> str:
    response = client.get(f"/leads/{lead.pk}/{query}")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.once
def test_contacts_have_formatted_numbers_and_their_country(as_rep: Client, lead: Lead) -> None:
    factories.contact(lead, "+14155550123", "Ada Baker")
    factories.contact(lead, "+442071838750", "Bob Crumb")

    html = page(as_rep, lead)

    assert "Ada Baker" in html
    assert "(415) 555-0123" in html
    assert "United States" in html
    assert "+44 20 7183 8750" in html
    assert "Unsupported country</span>" in html


@pytest.mark.once
def test_the_page_shows_the_leads_details(as_rep: Client, rep: User, lead: Lead) -> None:
    organization = lead.organization
    kinds = CustomField.Kind
    for name, kind in [("Tags", kinds.TEXT), ("Since", kinds.DATE), ("Guide", kinds.USER)]:
        CustomField.objects.create(organization=organization, name=name, kind=kind)
    lead.custom = {"Tags": "bread", "Since": "2026-03-04", "Guide": rep.pk}
    lead.save()
    Address.objects.create(organization=organization, lead=lead, city="Oakland", state="CA")

    html = page(as_rep, lead)

    assert "bread" in html
    assert "Mar 4, 2026" in html
    assert f"<span>{rep}</span>" in html
    assert "Oakland, CA, US" in html


def test_the_timeline_merges_notes_and_texts(as_rep: Client, rep: User, lead: Lead) -> None:
    now = timezone.now()
    factories.message(lead, text="The first text", created=now - timedelta(hours=2))
    Note.objects.create(
        organization=lead.organization,
        lead=lead,
        user=rep,
        text="The note between",
        created=now - timedelta(hours=1),
    )
    factories.message(lead, text="The last text", created=now)

    html = page(as_rep, lead)

    positions = [html.index(text) for text in ("The last", "The note", "The first")]
    assert positions == sorted(positions)


def test_an_empty_timeline_suggests_what_to_do(as_rep: Client, lead: Lead) -> None:
    html = page(as_rep, lead)

    assert "No activity yet" in html
    assert "add a contact with a phone number" in html


def test_older_activities_load_page_by_page(as_rep: Client, lead: Lead) -> None:
    now = timezone.now()
    for number in range(45):
        factories.message(lead, text=f"Text {number:02}", created=now - timedelta(minutes=number))

    first = as_rep.get(f"/leads/{lead.pk}/")
    more = first.context["timeline"].more
    second = as_rep.get(f"/leads/{lead.pk}/timeline/", {"before": str(more)}).content.decode()

    assert [n for n in range(45) if f"Text {n:02}" in first.content.decode()] == list(range(30))
    assert [n for n in range(45) if f"Text {n:02}" in second] == list(range(30, 45))
    assert "Show older" not in second
    assert "Text 30" in page(as_rep, lead, f"?before={str(more).replace('+', '%2B')}")


@pytest.mark.once
@pytest.mark.parametrize("position", ["x", "2026-01-01_note_1", "2026-01-01T00:00:00Z_note_-1"])
def test_an_invalid_position_is_not_found(as_rep: Client, lead: Lead, position: str) -> None:
    for path in ("", "timeline/"):
        response = as_rep.get(f"/leads/{lead.pk}/{path}", {"before": position})
        assert response.status_code == 404


@pytest.mark.once
def test_a_number_that_no_lead_can_have_is_not_found(as_rep: Client) -> None:
    assert as_rep.get(f"/leads/{10**20}/").status_code == 404


def test_more_rows_take_no_more_queries(as_rep: Client, rep: User, lead: Lead) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(as_rep, lead)
        return len(captured)

    def fill(rows: int) -> None:
        for number in range(rows):
            factories.contact(lead, f"+1415555{number:04}", f"Person {number}")
            message = factories.message(
                lead, user=rep, status=SmsMessage.Status.ERROR, reason="spam"
            )
            Attempt.objects.create(
                organization=lead.organization,
                message=message,
                carrier="sandbox",
                state=Attempt.State.FAILED,
            )
            Note.objects.create(organization=lead.organization, lead=lead, user=rep, text="!")

    factories.sender(lead.organization)
    fill(1)
    queries()  # Which carriers are paused, and the sender number's counts are cached.
    before = queries()
    fill(20)
    queries()  # What's new is recorded as seen.

    # One of them looks for notifications about the lead, which are read then.
    assert queries() == before <= 19


@pytest.mark.once
def test_every_field_is_escaped(as_rep: Client, lead: Lead) -> None:
    evil = "<img src=x onerror=alert(1)>"
    lead.name = lead.description = evil
    lead.save()
    factories.contact(lead, name=evil)
    factories.message(lead, text=evil)
    Note.objects.create(organization=lead.organization, lead=lead, text=evil)

    assert evil not in page(as_rep, lead)
