"""Browsers and proxies don't cache pages that require signing in."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from leads.models import Lead
from smscenter.accounts.models import User
from tests import factories

pytestmark = pytest.mark.once


def is_uncached(response: Any) -> bool:
    return {"no-store", "private"} <= set(response.get("Cache-Control", "").split(", "))


def pages(lead: Lead, user: User) -> list[str]:
    message = factories.message(lead, status="error", reason="spam")
    support_request = factories.support_request(user)
    evidence = factories.evidence(support_request, user)
    return [
        reverse("home"),
        reverse("lead_list"),
        reverse("lead_export"),
        reverse("message_list"),
        reverse("message_export"),
        reverse("saved_view_sidebar"),
        reverse("request_list"),
        reverse("help_index"),
        reverse("help_article", args=["spam"]),
        reverse("search_complete"),
        "/no-such-page/",
        "/leads",
        reverse("sign_in"),
        lead.get_absolute_url(),
        message.get_absolute_url(),
        support_request.get_absolute_url(),
        evidence.get_absolute_url(),
    ]


def test_member_pages_are_not_cached(as_rep: Client, rep: User, lead: Lead) -> None:
    cached = []
    for url in pages(lead, rep):
        for headers in ({}, {"HX-Request": "true"}):
            response = as_rep.get(url, headers=headers)
            if not is_uncached(response):
                cached.append((url, response.status_code))
            list(response)  # An unread download keeps its cursor open.
    assert cached == []


def test_form_responses_are_not_cached(as_rep: Client, lead: Lead) -> None:
    add = reverse("note_new", args=[lead.pk])
    for data in ({}, {"text": "Called"}):
        assert is_uncached(as_rep.post(add, data))
    assert is_uncached(as_rep.post(reverse("sign_out")))


def test_staff_pages_are_not_cached(client: Client, lead: Lead) -> None:
    client.force_login(factories.user(None, "root", is_staff=True, is_superuser=True))
    for url in (
        reverse("admin:index"),
        reverse("admin:leads_lead_changelist"),
        reverse("admin:leads_lead_change", args=[lead.pk]),
        reverse("admin:jsi18n"),
        reverse("review_queue"),
        reverse("review_export"),
    ):
        response = client.get(url)
        assert response.status_code == 200
        assert is_uncached(response), url
        list(response)


def test_redirects_to_the_sign_in_page_are_not_cached(client: Client, lead: Lead) -> None:
    for url in (lead.get_absolute_url(), reverse("admin:index"), reverse("sign_in")):
        assert is_uncached(client.get(url)), url


def test_a_refused_form_is_not_cached(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert is_uncached(strict.post(reverse("sign_in")))


@pytest.mark.parametrize("url", ["/help/", "/help/spam/", "/help/?q=spam"])
def test_help_pages_can_be_cached_for_visitors(client: Client, db: None, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 200
    assert "Cache-Control" not in response
    assert {"Cookie", "HX-Request"} <= set(response["Vary"].split(", "))


@pytest.mark.parametrize("name", ["sign_out", "admin:logout"])
def test_signing_out_clears_the_browsers_cache(as_rep: Client, name: str) -> None:
    response = as_rep.post(reverse(name))
    assert response.headers["Location"] == reverse("sign_in")
    assert response["Clear-Site-Data"] == '"cache"'
