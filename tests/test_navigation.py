"""The navigation marks the current section."""

import re

import pytest
from django.test import Client

from leads.models import Lead
from smscenter.accounts.models import User
from tests import factories

pytestmark = pytest.mark.once

CURRENT = re.compile(r'href="([^"]+)"[^>]* aria-current="page">')
TOKEN = re.compile(r'csrfmiddlewaretoken" value="(\w{64})"')


@pytest.mark.parametrize("page", ["/", "/leads/", "/messages/", "/requests/", "/help/"])
def test_the_open_page_is_marked(as_rep: Client, page: str) -> None:
    assert CURRENT.findall(as_rep.get(page).content.decode()) == [page]


def test_the_section_of_the_open_page_is_marked(as_rep: Client, lead: Lead) -> None:
    html = as_rep.get(lead.get_absolute_url()).content.decode()
    assert CURRENT.findall(html) == ["/leads/"]


def test_error_pages_name_where_their_button_leads(as_rep: Client, supporter: User) -> None:
    assert ">Go to your home page</a>" in as_rep.get("/nowhere/").content.decode()
    as_supporter = Client()
    as_supporter.force_login(supporter)
    assert ">Go to your home page</a>" in as_supporter.get("/nowhere/").content.decode()


def test_people_of_one_role_have_their_own_names_and_tokens(as_rep: Client, rep: User) -> None:
    colleague = factories.user(rep.organization, "colleague", first_name="<i>Bo", last_name="50%")
    as_colleague = Client()
    as_colleague.force_login(colleague)
    first, second = (each.get("/").content.decode() for each in (as_rep, as_colleague))
    assert f"<strong>{rep}</strong>" in first
    assert "<strong>&lt;i&gt;Bo 50%</strong>" in second
    assert len(TOKEN.findall(first)) == len(TOKEN.findall(second)) > 1
    assert not set(TOKEN.findall(first)) & set(TOKEN.findall(second))
