"""Lists are read from the replica, what people just changed from the primary.

The replica here is a second connection to the test database, with functions of its own that say
it's one. `make faults` has a real one (tests/faults/replica.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from leads.models import Lead, LeadStatus
from search import QueryError
from search.limits import time_limit
from smscenter.accounts.models import User
from smscenter.database.replica import reading, state
from tests.logs import Lines
from tests.test_deployment_check import check_deploy
from tests.test_settings import start

FUNCTIONS = """
CREATE SCHEMA standby;
CREATE FUNCTION standby.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION standby.pg_last_wal_replay_lsn() RETURNS pg_lsn LANGUAGE sql
  AS 'SELECT pg_current_wal_lsn()';
"""
pytestmark = [
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no replicas"),
    pytest.mark.django_db(transaction=True, databases=["default", "replica"]),
]


def connect(**changed: Any) -> None:
    """Use other settings from now on, and what's the test database's otherwise."""
    connections[state.ALIAS].close()
    del connections[state.ALIAS]
    connections.settings[state.ALIAS] |= deepcopy(connection.settings_dict) | changed


@pytest.fixture(autouse=True, scope="module")
def second_connection(django_db_setup: None) -> Iterator[None]:
    mirror = {"TEST": connection.settings_dict["TEST"] | {"MIRROR": "default"}}
    connections.settings[state.ALIAS] = deepcopy(connection.settings_dict) | mirror
    yield
    connections[state.ALIAS].close()
    del connections[state.ALIAS]
    del connections.settings[state.ALIAS]


@pytest.fixture(autouse=True)
def replicated(settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[None]:
    settings.DATABASE_ROUTERS = ["smscenter.database.replica.reading.Router"]
    settings.REPLICA_LAG_SECONDS = 5
    monkeypatch.setattr(state, "state", state.State())
    yield
    connect()


@pytest.fixture
def replica() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
    before = connection.settings_dict["OPTIONS"]["options"]
    options = {"options": f"{before} -c search_path=standby,pg_catalog,public"}
    connect(OPTIONS=connection.settings_dict["OPTIONS"] | options)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA standby CASCADE")


@contextmanager
def tables_read(database: str, prefix: str = "leads_") -> Iterator[list[str]]:
    """Collect the statements on this connection that read tables of this prefix."""
    found: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        if f'FROM "{prefix}' in sql:
            found.append(sql)
        return execute(sql, *rest)

    with connections[database].execute_wrapper(note):
        yield found


@pytest.mark.parametrize("url", ["/leads/", "/leads/?q=bluebird", "/leads/export/?q=bluebird"])
def test_lists_are_read_from_the_replica(
    replica: None, as_rep: Client, lead: Lead, url: str
) -> None:
    with tables_read("replica") as there, tables_read("default") as own:
        response = as_rep.get(url)
        content = b"".join(response)
    assert lead.name in content.decode()
    assert there
    assert not own


def test_the_page_of_a_lead_is_read_from_the_primary(
    replica: None, as_rep: Client, lead: Lead
) -> None:
    with tables_read("replica") as there:
        assert as_rep.get(lead.get_absolute_url()).status_code == 200
    assert not there


def test_people_see_what_they_just_changed(
    replica: None, as_rep: Client, lead: Lead, colleague: User
) -> None:
    status = LeadStatus.objects.get(organization=lead.organization)
    response = as_rep.post(reverse("lead_new"), {"name": "Harbor Dental", "status": status.pk})
    assert response.status_code == 302
    assert response.cookies["wrote"]["max-age"] == 8
    with tables_read("replica") as there:
        assert "Harbor Dental" in as_rep.get("/leads/").content.decode()
        assert not there
        someone_else = Client()
        someone_else.force_login(colleague)
        someone_else.get("/leads/")
        assert there


def test_rows_of_the_replica_are_changed_in_the_primary(replica: None, lead: Lead) -> None:
    found = reading.read(Lead.objects.get)
    assert found._state.db == "replica"
    found.name = "Harbor Dental"
    found.save()
    found.notes.create(organization=lead.organization, text="Called")
    assert found.owner == lead.owner
    lead.refresh_from_db()
    assert (lead.name, lead._state.db) == ("Harbor Dental", "default")


def in_a_transaction(rows: QuerySet[Lead]) -> str | None:
    with transaction.atomic():
        return rows.get()._state.db


def locked(rows: QuerySet[Lead]) -> str | None:
    with transaction.atomic():
        return rows.select_for_update().get()._state.db


@pytest.mark.parametrize("read", [in_a_transaction, locked])
def test_transactions_read_from_the_primary(replica: None, lead: Lead, read: Any) -> None:
    assert reading.read(lambda: read(Lead.objects.all())) == "default"


def test_time_limits_hold_on_the_replica(replica: None) -> None:
    def sleep() -> None:
        with time_limit(0.05), reading.connection().cursor() as cursor:
            cursor.execute("SELECT pg_sleep(10)")

    with pytest.raises(QueryError, match="took too long"):
        reading.read(sleep)
    assert reading.read(reading.alias) == "replica"


def test_a_lost_connection_is_no_error(replica: None, lead: Lead, lines: Lines) -> None:
    def read() -> str | None:
        if reading.alias() == "replica":
            with connections["replica"].cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                (backend,) = cursor.fetchone()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
        return Lead.objects.get()._state.db

    assert reading.read(read) == "default"
    assert reading.read(reading.alias) == "default"
    assert "It failed" in lines.named("replica_unused")["reason"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [({"HOST": "127.0.0.1", "PORT": 1}, "It can't be read"), ({}, "It isn't a replica")],
    ids=["unreachable", "no replica"],
)
def test_pages_need_no_replica(
    as_rep: Client, lead: Lead, lines: Lines, changed: dict[str, Any], reason: str
) -> None:
    connect(**changed)
    for _ in range(2):
        assert lead.name in as_rep.get("/leads/").content.decode()
    report = as_rep.get("/readyz")
    assert b"smscenter_replica_readable 0\n" in as_rep.get("/metrics").content
    assert report.status_code == 200
    assert report.json()["replica"].startswith(reason)
    assert [line["event"] for line in lines.values].count("replica_unused") == 1


def test_readyz_reports_a_replica(replica: None, client: Client) -> None:
    assert client.get("/readyz").json()["replica"] == "ok"
    assert b"smscenter_replica_lag_bytes " in client.get("/metrics").content


def test_a_replica_that_falls_behind_is_not_read(replica: None, settings: Settings) -> None:
    known = state.State()
    assert known.is_usable()
    settings.REPLICA_LAG_SECONDS = state.HOLDS_SECONDS  # no later check would be soon enough
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION standby.pg_last_wal_replay_lsn() RETURNS pg_lsn "
            "LANGUAGE sql AS $$ SELECT '0/1'::pg_lsn $$"
        )
    known._next_check = 0
    assert not known.is_usable()


def test_the_deployment_check_finds_what_is_no_replica() -> None:
    url = "postgresql://postgres@127.0.0.1:1/none"
    done = check_deploy(REPLICA_DATABASE_URL=url)
    assert "The replica isn't used. " in done.stderr


@pytest.mark.once
def test_both_databases_must_be_postgresql() -> None:
    error = start(DEBUG="on", REPLICA_DATABASE_URL="sqlite:///replica.sqlite3")
    assert "must both be PostgreSQL" in error
