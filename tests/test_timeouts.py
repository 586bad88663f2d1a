"""A page with a slow query ends with a plain error; commands have no time limit."""

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from tests.test_settings import PRODUCTION, python

pytestmark = pytest.mark.own_database
only_on_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="only PostgreSQL limits statements"
)
SHOW_LIMITS = """
from django.db import connection
with connection.cursor() as cursor:
    for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
        cursor.execute(f"SHOW {name}")
        print(*cursor.fetchone())
"""


@login_not_required
def slow(_request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '50ms'")
        cursor.execute("SELECT pg_sleep(10)")
    return HttpResponse("slept")


@login_not_required
def broken(_request: HttpRequest) -> HttpResponse:
    raise OperationalError("the database is down")


urlpatterns = [path("slow/", slow), path("broken/", broken)]


def limits(module: str, **environment: str) -> list[str]:
    """Return both limits of a process that starts with this code."""
    done = python(f"{module}\n{SHOW_LIMITS}", **PRODUCTION, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@only_on_postgresql
@pytest.mark.parametrize("module", ["wsgi", "asgi"])
def test_a_web_process_limits_its_queries(module: str) -> None:
    startup = f"import smscenter.{module}"
    assert limits(startup) == ["15s", "1min"]
    assert limits(startup, STATEMENT_TIMEOUT_SECONDS="4") == ["4s", "1min"]


@only_on_postgresql
def test_a_worker_limits_idle_transactions_only() -> None:
    startup = """
from io import StringIO
from unittest.mock import patch
import django
django.setup()
from django.core.management import call_command
command = "messaging.management.commands.worker.Command"
with patch("messaging.management.worker.Worker.run"), patch(f"{command}.check_migrations"):
    call_command("worker", stdout=StringIO())
"""
    assert limits(startup) == ["0", "1min"]


@only_on_postgresql
def test_a_command_has_no_limits() -> None:
    assert limits("import django; django.setup()") == ["0", "0"]


@only_on_postgresql
@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_a_slow_page_shows_an_error() -> None:
    response = Client(raise_request_exception=False).get("/slow/")
    assert response.status_code == 503
    assert "This took too long" in response.content.decode()
    assert "default-src 'none'" in response["Content-Security-Policy"]


@pytest.mark.urls(__name__)
def test_another_database_error_shows_the_general_error_page() -> None:
    response = Client(raise_request_exception=False).get("/broken/")
    assert response.status_code == 500
    assert "Something went wrong" in response.content.decode()
