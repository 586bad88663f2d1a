"""While PostgreSQL is down, pages say so, and the log has one line for each of them."""

from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from smscenter.accounts.signing_in.session_store import SessionStore
from tests.logs import Lines

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="an SQLite file has no server"),
]


def connect_in_vain(*_: Any) -> HttpResponse:
    elsewhere = connection.copy()
    elsewhere.settings_dict = {**elsewhere.settings_dict, "HOST": "/nowhere"}
    elsewhere.ensure_connection()
    return HttpResponse()


@login_not_required
def page(request: HttpRequest) -> HttpResponse:
    return connect_in_vain(request)


@login_not_required
def interrupted(_request: HttpRequest) -> HttpResponse:
    """PostgreSQL ends the connection of this page when it shuts down."""
    database = connection.copy()
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return HttpResponse()


handler500 = "smscenter.middleware.request_log.server_error"
urlpatterns = [path("page/", page), path("interrupted/", interrupted)]


def assert_explained(response: Any, lines: Lines) -> None:
    assert response.status_code == 503
    assert "isn't available right now" in response.content.decode()
    line = lines.named("database_unavailable")
    assert line["level"] == "error"
    assert "exception" not in line
    assert "\n" not in line["error"]
    assert {line["event"] for line in lines.values} == {"database_unavailable"}


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("address", ["/page/", "/interrupted/"])
def test_a_page_says_that_the_database_is_down(address: str, lines: Lines) -> None:
    assert_explained(Client(raise_request_exception=False).get(address), lines)


def test_signed_in_people_see_it_before_their_page_begins(
    monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    monkeypatch.setattr(SessionStore, "load", connect_in_vain)
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "x" * 32
    assert_explained(client.get("/leads/"), lines)
