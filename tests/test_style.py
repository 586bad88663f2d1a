"""Developers see every component on one page, and others don't."""

import pytest
from django.test import Client
from pytest_django import Settings


@pytest.mark.once
def test_components_are_shown_with_debug_only(as_rep: Client, settings: Settings) -> None:
    assert as_rep.get("/style/").status_code == 404
    settings.DEBUG = True
    page = as_rep.get("/style/").content.decode()
    assert page.count('class="label error"') >= 2
    assert 'data-theme="light"' in page
    assert 'data-theme="dark"' in page
