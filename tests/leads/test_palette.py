"""The command palette finds leads and contacts while someone types, pages, and what can be done."""

import re

import pytest
from django.test import Client

from leads.models import Lead
from smscenter.accounts.models import User
from tests import factories
from tests.html import html_of


def options(client: Client, text: str) -> list[str]:
    """Return the options as plain text."""
    html = html_of(client.get("/palette/", {"q": text}, HTTP_HX_REQUEST="true"))
    found = re.findall(r'<a role="option".*?</a>', html, flags=re.DOTALL)
    return [" ".join(re.sub("<[^>]+>", "", option).split()) for option in found]


def test_a_lead_is_found_by_the_start_of_its_name(as_rep: Client, lead: Lead) -> None:
    assert options(as_rep, "blueb")[0].startswith("Bluebird Bakery")
    html = html_of(as_rep.get("/palette/", {"q": "blueb"}, HTTP_HX_REQUEST="true"))
    assert "<b>Blueb</b>ird Bakery" in html
    assert f'href="{lead.get_absolute_url()}"' in html


@pytest.mark.parametrize("text", ["ada", "ada baker", "(415) 555-01", "+1415555"])
def test_a_contact_is_found_by_name_and_number(as_rep: Client, lead: Lead, text: str) -> None:
    factories.contact(lead)
    assert options(as_rep, text)[0] == "Ada Baker Bluebird Bakery · (415) 555-0123"


def test_leads_of_others_are_not_found(as_stranger: Client, lead: Lead) -> None:
    assert not any("Bakery" in option for option in options(as_stranger, "bluebird"))


@pytest.mark.once
def test_it_offers_what_can_be_done_with_the_text(as_rep: Client, lead: Lead) -> None:
    assert options(as_rep, "acme & co") == [
        "Search leads for “acme &amp; co”",
        "Search messages for “acme &amp; co”",
        "New lead named “acme &amp; co”",
    ]
    page = html_of(as_rep.get("/leads/new/", {"name": "acme & co"}))
    assert 'value="acme &amp; co"' in page


@pytest.mark.once
def test_read_only_members_are_offered_nothing_to_create(as_rep: Client, rep: User) -> None:
    User.objects.filter(pk=rep.pk).update(role=User.Role.READ_ONLY)
    assert not any("New lead" in option for option in options(as_rep, "new"))


@pytest.mark.once
def test_pages_are_found_by_their_names(as_rep: Client, supporter: User) -> None:
    assert options(as_rep, "> mess")[0] == "Messages G M"
    assert "Leads G L" in options(as_rep, "")
    as_supporter = Client()
    as_supporter.force_login(supporter)
    assert options(as_supporter, "review") == ["Review G Q"]
    assert "Review G Q" not in options(as_rep, "> review")


@pytest.mark.parametrize("text", ['"', "status:error", ") or (", "not", "sort:", "x" * 500, "\0"])
def test_any_text_is_answered(as_rep: Client, lead: Lead, text: str) -> None:
    response = as_rep.get("/palette/", {"q": text})
    assert response.status_code == 200
