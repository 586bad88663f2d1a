"""The lead list: its rows, filters, sorting, pages, and visibility."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import Lead, LeadStatus
from messaging.models import SmsMessage
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.queries import number_of

URL = "/leads/"
Status = SmsMessage.Status


def names(html: str) -> list[str]:
    """Return the names of the leads, in the page's order."""
    return re.findall(r'<th scope="row">.*?<a [^>]+>([^<]+)</a>\s+</th>', html, re.DOTALL)


def page(client: Client, query: str = "") -> str:
    response = client.get(URL + query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def leads(rep: User) -> dict[str, Lead]:
    leads = {name: factories.lead(rep, name) for name in ("Apple", "Bluebird", "Cherry")}
    factories.message(leads["Bluebird"], status=Status.ERROR, reason="spam")
    factories.message(leads["Cherry"])
    return leads


@pytest.mark.once
def test_a_row_shows_the_status_of_the_latest_text(as_rep: Client, leads: dict[str, Lead]) -> None:
    html = page(as_rep)

    message = leads["Bluebird"].messages.get()
    assert f'href="/leads/{leads["Bluebird"].pk}/#message-{message.pk}"' in html
    assert "error</a>" in html
    assert "sent</span>" in html
    assert "No SMS sent" in html


def test_the_latest_activity_comes_first(as_rep: Client, rep: User) -> None:
    for days, name in enumerate(["Newest", "Middle", "Oldest"]):
        factories.lead(rep, name, created=timezone.now() - timedelta(days=days))

    assert names(page(as_rep)) == ["Newest", "Middle", "Oldest"]
    assert names(page(as_rep, "?sort=activity")) == ["Oldest", "Middle", "Newest"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?sort=name", ["Apple", "Bluebird", "Cherry"]),
        ("?sort=-name", ["Cherry", "Bluebird", "Apple"]),
        ("?sort=-failed", ["Bluebird", "Cherry", "Apple"]),
        ("?q=blue", ["Bluebird"]),
        ("?q=failed_sms+%3E+0&texts=failed", ["Bluebird"]),
        ("?q=sort:-name", ["Cherry", "Bluebird", "Apple"]),
        ("?q=sort:name+limit:2", ["Apple", "Bluebird"]),
        ("?texts=failed", ["Bluebird"]),
        ("?texts=last_failed", ["Bluebird"]),
        ("?texts=none", ["Apple"]),
    ],
)
def test_the_list_is_sorted_and_filtered(
    as_rep: Client, leads: dict[str, Lead], query: str, expected: list[str]
) -> None:
    assert names(page(as_rep, query)) == expected


def test_the_list_is_filtered_by_status_and_owner(
    as_rep: Client, rep: User, colleague: User, organization: Organization
) -> None:
    won = LeadStatus.objects.create(organization=organization, label="Won")
    factories.lead(rep, "Mine", status=won)
    factories.lead(colleague, "Hers")
    orphan = factories.lead(rep, "Nobody's")
    orphan.owner = None
    orphan.save()

    assert names(page(as_rep, f"?status={won.pk}")) == ["Mine"]
    assert names(page(as_rep, f"?owner={colleague.pk}")) == ["Hers"]
    assert names(page(as_rep, "?owner=null")) == ["Nobody&#x27;s"]


def test_the_second_page_starts_where_the_first_one_ends(as_rep: Client, rep: User) -> None:
    for number in range(60):
        factories.lead(rep, f"Lead {number:02}")

    first = page(as_rep, "?sort=name")
    after = re.search(r'rel="next" href="([^"]+)"', first)
    assert after is not None
    second = page(as_rep, after[1].replace("&amp;", "&"))

    assert names(first) == [f"Lead {number:02}" for number in range(50)]
    assert names(second) == [f"Lead {number:02}" for number in range(50, 60)]
    assert 'rel="prev"' in second


@pytest.mark.once
def test_htmx_gets_only_the_results(as_rep: Client, leads: dict[str, Lead]) -> None:
    html = as_rep.get(URL, headers={"HX-Request": "true"}).content.decode()

    assert names(html) == names(page(as_rep))
    assert "<html" not in html


@pytest.mark.once
def test_a_boosted_request_gets_the_whole_page(as_rep: Client, leads: dict[str, Lead]) -> None:
    headers = {"HX-Request": "true", "HX-Boosted": "true"}

    assert "<html" in as_rep.get(URL, headers=headers).content.decode()


@pytest.mark.once
def test_an_empty_list_suggests_what_to_do(as_rep: Client) -> None:
    assert "Create lead" in page(as_rep)
    assert "No leads match this search" in page(as_rep, "?q=nothing")


@pytest.mark.once
def test_names_are_escaped(as_rep: Client, rep: User) -> None:
    factories.lead(rep, "<script>alert(1)</script>")

    assert names(page(as_rep)) == ["&lt;script&gt;alert(1)&lt;/script&gt;"]


@pytest.mark.once
def test_another_organization_sees_no_leads(as_stranger: Client, leads: dict[str, Lead]) -> None:
    assert names(page(as_stranger)) == []


@pytest.mark.once
def test_filters_offer_only_the_organizations_rows(
    as_stranger: Client, rep: User, leads: dict[str, Lead]
) -> None:
    html = page(as_stranger, f"?owner={rep.pk}")

    assert str(rep) not in html
    assert names(html) == []


@pytest.mark.once
@pytest.mark.parametrize("query", ["?after=x", "?before=1_soon", "?after=1_2026-01-01"])
def test_an_invalid_page_shows_the_first(as_rep: Client, query: str) -> None:
    assert as_rep.get(URL + query).status_code in {200, 302}


@pytest.mark.once
@pytest.mark.parametrize("query", ["?sort=password", "?status=x", "?owner=%00", "?texts=x&sort="])
def test_invalid_input_still_shows_a_list(
    as_rep: Client, leads: dict[str, Lead], query: str
) -> None:
    assert len(names(page(as_rep, query))) == 3


def test_the_list_takes_a_fixed_number_of_queries(
    as_rep: Client, rep: User, colleague: User
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(as_rep)
        return number_of(captured)

    factories.message(factories.lead(rep), status=Status.ERROR, reason="spam")
    before = queries()
    for number in range(40):
        lead = factories.lead([rep, colleague][number % 2], f"Lead {number}")
        factories.message(lead, status=Status.ERROR, reason="spam")

    assert queries() == before <= 12


@pytest.mark.once
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_list_is_read_only(as_rep: Client, method: str) -> None:
    assert getattr(as_rep, method)(URL).status_code == 405


def test_a_search_is_walked_through_lead_by_lead(as_rep: Client, rep: User) -> None:
    leads = [factories.lead(rep, f"Lead {number}") for number in range(4)]
    for lead in leads[:3]:
        factories.message(lead, status=Status.ERROR, reason="spam")

    def place(url: str) -> tuple[str, dict[str, str]]:
        html = as_rep.get(url.replace("&amp;", "&")).content.decode()
        links = re.findall(r'rel="(prev|next)" href="([^"]+)"', html)
        [number] = re.findall(r">(\d of \d)</a>", html)
        return number, dict(links)

    [first, *_] = re.findall(
        r'<th scope="row">.*?<a href="([^"]+)"',
        page(as_rep, "?q=failed_sms+%3E+0&sort=name"),
        re.DOTALL,
    )
    number, links = place(first)
    assert (number, list(links)) == ("1 of 3", ["next"])
    number, links = place(links["next"])
    assert (number, list(links)) == ("2 of 3", ["prev", "next"])
    # It was mended, so it's no longer found, but the way goes on.
    leads[1].messages.update(status=Status.SENT, reason="")
    assert place(links["prev"])[1]["next"].startswith(leads[2].get_absolute_url())
    number, links = place(links["next"])
    assert (number, list(links)) == ("2 of 2", ["prev"])
    assert links["prev"].startswith(leads[0].get_absolute_url())


@pytest.mark.once
@pytest.mark.parametrize("query", ["q=blue", "at=x", "q=statsu:x&at=x", "q=blue&at=W10&sort=x"])
def test_an_invalid_trail_is_not_shown(as_rep: Client, lead: Lead, query: str) -> None:
    html = as_rep.get(f"{lead.get_absolute_url()}?{query}").content.decode()

    assert "Bluebird Bakery" in html
    assert 'class="trail"' not in html


@pytest.mark.once
def test_a_trail_shows_no_leads_of_others(as_stranger: Client, rep: User, lead: Lead) -> None:
    url = lead.get_absolute_url()

    assert names(page(as_stranger, "?q=blue")) == []
    assert as_stranger.get(url, {"q": "blue", "at": "x"}).status_code == 404
