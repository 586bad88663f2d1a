"""Members of one organization get a 404 for every URL of another's, with every method.

The tests cover every URL pattern, so that no new page is forgotten: a pattern that isn't in one of
the tables of `tests/addresses.py` fails a test that says what to add.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth import load_backend
from django.contrib.auth.models import Permission
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.db.models import Model
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead, LeadStatus
from messaging.models import SenderNumber
from smscenter.accounts.backends import MemberBackend
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest
from tests import factories
from tests.addresses import PAGES, PUBLIC, REVIEW, ROWS, SIGNED, STEPS
from tests.statements import Statements

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
# Enough where nothing looks at the method: at the doors of the admin and of people who haven't
# signed in, and where another test is refused by the same view with every method.
TWO_METHODS = ["GET", "POST"]
# A word in every text of the other organization, and nowhere else.
MARKER = "Zanzibar"

WEBHOOKS = ["receive_mail", *(name for name in PUBLIC if name.startswith("webhook_"))]


@dataclass(frozen=True)
class Address:
    """A URL pattern: its full name, and its route from the root as in `path()`."""

    name: str
    route: str

    @property
    def arguments(self) -> list[str]:
        return re.findall(r"<(?:\w+:)?(\w+)>", self.route)

    def url(self, **arguments: Any) -> str:
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(arguments[m[1]]), self.route)


def walk(resolver: URLResolver, route: str = "", namespace: str = "") -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        here = f"{route}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from walk(pattern, here, inner)
        elif isinstance(pattern, URLPattern):
            yield Address(f"{namespace}{pattern.name or here}", here)


ADDRESSES = list(walk(get_resolver()))
ADMIN = [address for address in ADDRESSES if address.name.startswith("admin:")]
ADMIN_ENTRIES = {"admin:login", "admin:logout", "admin:jsi18n"}
APP_ADDRESSES = [address for address in ADDRESSES if address not in ADMIN]
BY_NAME = {address.name: address for address in APP_ADDRESSES}


@pytest.fixture(scope="module")
def other_user(module_transaction: None) -> User:
    return factories.user(factories.organization("other"), "olga")


@pytest.fixture
def private_files(module_transaction: None) -> None:
    """Leave the files of these rows where they are for all tests."""


@pytest.fixture
def as_other_user(other_user: User) -> Client:
    client = Client()
    client.force_login(other_user)
    return client


@pytest.fixture(scope="module")
def rows_of_module(other_user: User) -> dict[str, Model]:
    organization = other_user.organization
    assert organization is not None
    # Who may open every page of the organization.
    User.objects.filter(pk=other_user.pk).update(role=User.Role.MANAGER)
    organization.name = f"{MARKER} Traders"
    organization.save()
    LeadStatus.objects.filter(organization=organization).update(label=f"{MARKER} status")
    User.objects.filter(pk=other_user.pk).update(first_name=MARKER)
    return factories.everything(other_user, MARKER)


@pytest.fixture
def other_rows(rows_of_module: dict[str, Model], db: None) -> dict[str, Model]:
    """Return a row of every kind of an organization that the rep doesn't belong to."""
    return rows_of_module


@pytest.fixture(autouse=True)
def read_person_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read sessions and users once a test, for these tests send thousands of requests."""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    monkeypatch.setattr(MemberBackend, "get_user", cache(MemberBackend.get_user))
    # Django makes a backend for each request.
    monkeypatch.setattr("django.contrib.auth.load_backend", cache(load_backend))


@pytest.fixture
def statements() -> Iterator[Statements]:
    found = Statements()
    with connection.execute_wrapper(found):
        yield found


def send(client: Client, method: str, address: Address, **arguments: Any) -> HttpResponse:
    response: HttpResponse = client.generic(method, address.url(**arguments))  # type: ignore[assignment]
    return response


def finds(user: User, method: str, address: Address, **arguments: Any) -> bool:
    """Return whether a view finds a row. Nothing else of a request depends on the method."""
    url = address.url(**arguments)
    request, match = RequestFactory().generic(method, url), resolve(url)
    request.user, request.session = user, SessionStore()
    try:
        match.func(request, *match.args, **match.kwargs)
    except Http404:
        return False
    return True


@pytest.fixture
def submitted(other_rows: dict[str, Model]) -> dict[str, Model]:
    """Submit the other organization's request, and return its rows."""
    SupportRequest.objects.filter(pk=other_rows["request"].pk).update(submitted=timezone.now())
    return other_rows


def review_arguments(address: Address, other_rows: dict[str, Model]) -> dict[str, Any]:
    values = {"pk": other_rows["request"].pk, "ending": "txt"}
    return {name: values[name] for name in address.arguments}


def address_of_row(name: str, other_rows: dict[str, Model]) -> tuple[Address, dict[str, Any]]:
    address = BY_NAME[name]
    return address, dict.fromkeys(address.arguments, other_rows[ROWS[name]].pk)


def test_every_url_pattern_is_in_a_table() -> None:
    for address in APP_ADDRESSES:
        if address.name in REVIEW:
            continue
        if address.arguments:
            tables, advice = {*ROWS, *PUBLIC, *SIGNED}, "ROWS, with its key in `other_rows`"
        else:
            tables, advice = {*PAGES, *PUBLIC, *STEPS}, "PAGES"
        assert address.name in tables, (
            f"/{address.route} is new here: add {address.name!r} to {advice}, "
            "or to PUBLIC if it is for people who are not signed in."
        )


def test_the_tables_have_only_existing_patterns() -> None:
    assert {*ROWS, *PAGES, *PUBLIC, *SIGNED, *STEPS, *REVIEW} <= {
        address.name for address in APP_ADDRESSES
    }


@pytest.mark.once
def test_a_stranger_gets_404_for_every_method(
    as_rep: Client, rep: User, other_rows: dict[str, Model]
) -> None:
    for name in ROWS:
        address, arguments = address_of_row(name, other_rows)
        for method in TWO_METHODS:
            response = send(as_rep, method, address, **arguments)
            assert response.status_code == HTTPStatus.NOT_FOUND, (method, name)
            assert MARKER not in response.content.decode(), (method, name)
        for method in METHODS:
            assert not finds(rep, method, address, **arguments), (method, name)


def test_members_of_the_organization_find_it(
    as_other_user: Client, other_rows: dict[str, Model], statements: Statements
) -> None:
    """Without this, the 404 above would prove nothing."""
    for name in ROWS:
        address, arguments = address_of_row(name, other_rows)
        response = send(as_other_user, "GET", address, **arguments)
        assert response.status_code != HTTPStatus.NOT_FOUND, name
        assert not statements.without_organization, name


@pytest.mark.once
def test_every_statement_of_a_page_names_the_organization(
    other_user: User, submitted: dict[str, Model], statements: Statements
) -> None:
    """So that a database split by organization asks the one machine that has its rows."""
    for user, names in (
        (other_user, PAGES - {"sign_out"}),
        # The queue is of all organizations.
        (
            factories.user(None, "susan", is_staff=True, is_superuser=True),
            {name for name in REVIEW if BY_NAME[name].arguments},
        ),
    ):
        client = Client()
        client.force_login(user)
        for name in sorted(name for name in names if not name.startswith("mfa_")):
            address = BY_NAME[name]
            send(client, "GET", address, **review_arguments(address, submitted))
            assert not statements.without_organization, name


@pytest.mark.once
def test_review_pages_are_for_support_staff(
    as_other_user: Client, client: Client, submitted: dict[str, Model]
) -> None:
    for name in sorted(REVIEW):
        address = BY_NAME[name]
        arguments = review_arguments(address, submitted)
        for method in METHODS:
            response = send(as_other_user, method, address, **arguments)
            assert response.status_code == HTTPStatus.NOT_FOUND, (method, name)
            response = send(client, method, address, **arguments)
            assert response["Location"].startswith("/sign-in/"), (method, name)


@pytest.mark.once
def test_review_pages_are_not_for_other_staff(submitted: dict[str, Model]) -> None:
    """Other admin permissions, such as viewing requests, don't allow reviewing them."""
    clerk, client = factories.user(None, "clara", is_staff=True), Client()
    clerk.user_permissions.set(Permission.objects.exclude(codename="change_supportrequest"))
    client.force_login(clerk)
    for name in sorted(REVIEW):
        address = BY_NAME[name]
        arguments = review_arguments(address, submitted)
        for method in TWO_METHODS:
            response = send(client, method, address, **arguments)
            assert response.status_code == HTTPStatus.NOT_FOUND, (method, name)


@pytest.mark.once
def test_a_draft_cannot_be_reviewed(other_rows: dict[str, Model]) -> None:
    client = Client()
    client.force_login(factories.user(None, "susan", is_staff=True, is_superuser=True))
    of_requests = (BY_NAME[name] for name in sorted(REVIEW) if name.startswith("review_"))
    for address in (address for address in of_requests if address.arguments):
        arguments = review_arguments(address, other_rows)
        for method in TWO_METHODS:
            response = send(client, method, address, **arguments)
            assert response.status_code == HTTPStatus.NOT_FOUND, (method, address)


@pytest.mark.once
def test_support_staff_cannot_open_organizations_rows(other_rows: dict[str, Model]) -> None:
    """Review pages show the rows that support needs."""
    client = Client()
    client.force_login(factories.user(None, "susan", is_staff=True, is_superuser=True))
    for name in sorted({*ROWS} - {"evidence_file"}):
        address, arguments = address_of_row(name, other_rows)
        for method in TWO_METHODS:
            response = send(client, method, address, **arguments)
            refused = response.status_code in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
            assert refused, (method, name)
            assert MARKER not in response.content.decode(), (method, name)


@pytest.mark.parametrize("name", [*PAGES, *PUBLIC])
def test_no_page_shows_another_organizations_rows(
    as_rep: Client, other_rows: dict[str, Model], name: str
) -> None:
    """Pages ignore ids of other organizations' rows in the query string."""
    url = BY_NAME[name].url(**PUBLIC.get(name, {}))
    for query in ("", "?" + urlencode({key: row.pk for key, row in other_rows.items()})):
        assert MARKER not in as_rep.get(url + query, follow=True).getvalue().decode()


@pytest.mark.once
def test_visitors_are_asked_to_sign_in(client: Client, other_rows: dict[str, Model]) -> None:
    for name in (*PAGES, *ROWS):
        address = BY_NAME[name]
        arguments = address_of_row(name, other_rows)[1] if name in ROWS else {}
        for method in TWO_METHODS:
            response = send(client, method, address, **arguments)
            assert response.status_code == HTTPStatus.FOUND, (method, name)
            assert response["Location"].startswith("/sign-in/"), (method, name)


@pytest.mark.parametrize("name", sorted({*PUBLIC} - {*WEBHOOKS}))
def test_public_pages_need_no_sign_in(client: Client, db: None, name: str) -> None:
    assert send(client, "GET", BY_NAME[name], **PUBLIC[name]).status_code == HTTPStatus.OK


@pytest.mark.parametrize("name", SIGNED)
def test_a_token_that_is_not_signed_is_refused(as_rep: Client, name: str) -> None:
    """Visitors of a page that also requires signing in are asked to do that first."""
    address, token = BY_NAME[name], SIGNED[name]
    assert send(as_rep, "GET", address, **token).status_code == HTTPStatus.NOT_FOUND
    refused = send(Client(), "GET", address, **token)
    signs_in = refused.get("Location", "").startswith("/sign-in/")
    assert signs_in or refused.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("name", WEBHOOKS)
def test_a_webhook_without_a_signature_is_refused(client: Client, db: None, name: str) -> None:
    response = send(client, "POST", BY_NAME[name], **PUBLIC[name])
    assert response.status_code == HTTPStatus.FORBIDDEN


@pytest.mark.once
def test_the_admin_is_only_for_staff(as_rep: Client, other_rows: dict[str, Model]) -> None:
    for address in (address for address in ADMIN if address.name not in ADMIN_ENTRIES):
        arguments = dict.fromkeys(address.arguments, other_rows["lead"].pk)
        for method in TWO_METHODS:
            response = send(as_rep, method, address, **arguments)
            assert response.status_code in {302, 403, 404}, (method, address)
            assert MARKER not in response.content.decode(), (method, address)


def test_staff_without_an_organization_see_no_leads(other_rows: dict[str, Model]) -> None:
    staff = factories.user(None, "susan", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(staff)
    response = client.get("/leads/")
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert not Lead.objects.visible_to(staff).exists()
    assert not SenderNumber.objects.visible_to(staff).exists()
