"""A page acts only for the user who opened it, even if another user signs in in another tab."""

import re
from typing import Any

import pytest
from django.test import Client

from leads.models import Lead, Note
from smscenter.accounts.models import User
from tests import factories

pytestmark = pytest.mark.once

HTMX = {"HX-Request": "true"}


def owner_of(client: Client, page: str) -> str:
    """Return the signed owner that the page carries."""
    html = client.get(page).content.decode()
    found = re.search(r'<meta name="page-owner" content="([^"]*)">', html)
    assert found, "the page does not say who opened it"
    return found[1]


@pytest.fixture
def browser(rep: User, colleague: User) -> Client:
    """Return a browser in which Rita is signed in. Two tabs share its cookies."""
    rep.first_name, rep.last_name = "Rita", "Rep"
    rep.save()
    colleague.first_name, colleague.last_name = "Carl", "Cole"
    colleague.save()
    client = Client()
    client.force_login(rep)
    return client


@pytest.fixture
def rita(browser: Client, lead: Lead, colleague: User) -> dict[str, Any]:
    """Return the headers of Rita's open page after Carl has signed in in another tab."""
    owner = owner_of(browser, lead.get_absolute_url())
    browser.post("/sign-out/")
    browser.post("/sign-in/", {"username": colleague.username, "password": factories.PASSWORD})
    return HTMX | {"X-Page-Owner": owner}


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_users_page_does_nothing_and_says_who_is_signed_in(
    browser: Client, rita: dict[str, Any], lead: Lead, method: str
) -> None:
    page = f"/leads/{lead.pk}/{'notes/new/' if method == 'post' else 'news/'}"
    data = {"text": "Called"} if method == "post" else {}

    response = getattr(browser, method)(page, data, headers=rita)

    assert response.status_code == 409
    assert response.headers["X-Page-Owner"] == "other"
    assert response.content.decode() == (
        "You're now signed in as Carl Cole. This page was opened by Rita Rep."
    )
    assert not Note.objects.exists()


def test_another_users_plain_form_does_nothing_and_says_why(
    browser: Client, rita: dict[str, Any], lead: Lead
) -> None:
    form = {"text": "Called", "page_owner": rita["X-Page-Owner"]}

    response = browser.post(f"/leads/{lead.pk}/notes/new/", form)

    html = response.content.decode()
    assert response.status_code == 409
    assert "signed in as Carl Cole" in html
    assert "opened by Rita Rep" in html
    assert not Note.objects.exists()


def test_the_page_owner_can_continue_after_signing_in_again(
    browser: Client, rita: dict[str, Any], rep: User, lead: Lead
) -> None:
    browser.force_login(rep)

    response = browser.post(f"/leads/{lead.pk}/notes/new/", {"text": "Called"}, headers=rita)

    assert response.status_code == 200
    assert Note.objects.get().user == rep


def test_a_forged_owner_is_not_named(browser: Client, rita: dict[str, Any], lead: Lead) -> None:
    headers = rita | {"X-Page-Owner": f"{lead.owner_id}:forged"}

    response = browser.post(f"/leads/{lead.pk}/notes/new/", {"text": "Called"}, headers=headers)

    assert response.status_code == 409
    assert "opened by someone else" in response.content.decode()


def test_the_browser_knows_who_is_signed_in(browser: Client, lead: Lead, colleague: User) -> None:
    """A script compares the cookie with the page's owner before it submits a form."""
    owner = owner_of(browser, lead.get_absolute_url())
    assert browser.cookies["page_owner"].value == owner
    assert not browser.cookies["page_owner"]["httponly"]

    signed_out = browser.post("/sign-out/")
    assert signed_out.cookies["page_owner"].value == ""
    browser.post("/sign-in/", {"username": colleague.username, "password": factories.PASSWORD})
    assert browser.cookies["page_owner"].value not in {"", owner}


def test_a_form_without_javascript_gets_a_plain_error(rep: User, colleague: User) -> None:
    """Signing in rotates the CSRF token, so the form on the old page has an expired one."""
    lead = factories.lead(rep)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(rep)
    html = browser.get(lead.get_absolute_url()).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', html)
    assert token
    sign_in = {"username": colleague.username, "password": factories.PASSWORD}
    browser.post("/sign-out/", {"csrfmiddlewaretoken": token[1]})
    form = browser.get("/sign-in/").content.decode()
    fresh = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    assert fresh
    browser.post("/sign-in/", sign_in | {"csrfmiddlewaretoken": fresh[1]})

    note = {"text": "Called", "csrfmiddlewaretoken": token[1]}
    response = browser.post(f"/leads/{lead.pk}/notes/new/", note)

    html = response.content.decode()
    assert response.status_code == 403
    assert "This page has expired" in html
    assert "signed in as carl" in html
    assert "CSRF" not in html
    assert not Note.objects.exists()
