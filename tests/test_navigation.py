"""The navigation marks the current section."""

import re

import pytest
from django.test import Client

from leads.models import Lead

CURRENT = re.compile(r'<a href="([^"]+)" aria-current="page">')


@pytest.mark.parametrize("page", ["/leads/", "/messages/", "/requests/", "/help/"])
def test_the_open_page_is_marked(as_rep: Client, page: str) -> None:
    assert CURRENT.findall(as_rep.get(page).content.decode()) == [page]


def test_the_section_of_the_open_page_is_marked(as_rep: Client, lead: Lead) -> None:
    html = as_rep.get(lead.get_absolute_url()).content.decode()
    assert CURRENT.findall(html) == ["/leads/"]
