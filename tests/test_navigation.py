"""The navigation marks the current section."""

import re

import pytest
from django.test import Client

from leads.models import Lead
from smscenter.accounts.models import User

pytestmark = pytest.mark.once

CURRENT = re.compile(r'href="([^"]+)"[^>]* aria-current="page">')


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
