"""The audit log: nobody can change it, and owners and administrators can read and search it."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead
from smscenter.accounts.models import Organization, User
from smscenter.audit.models import AuditDeletion, AuditRecord
from smscenter.audit.recording import record
from smscenter.audit.retention import delete_old_records
from smscenter.audit.views import RECORDS
from tests import factories

pytestmark = pytest.mark.django_db
TABLE = AuditRecord._meta.db_table


@pytest.fixture
def owner(organization: Organization) -> User:
    return factories.user(organization, "olga", role="owner")


@pytest.fixture
def as_owner(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def test_the_database_refuses_changes(lead: Lead, settings: Settings) -> None:
    row = record("deleted", lead)
    statements = [
        f"UPDATE {TABLE} SET summary = 'Nothing happened' WHERE id = {row.pk}",
        f"DELETE FROM {TABLE}",
    ]
    if connection.vendor == "sqlite":
        statements.append(f"INSERT OR REPLACE INTO {TABLE} SELECT * FROM {TABLE}")
    else:
        statements.append(f"TRUNCATE {TABLE}")
    for statement in statements:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    row.refresh_from_db()
    assert row.summary == "SMS Center deleted Bluebird Bakery"


def test_an_example_finds_the_exports_of_the_last_30_days(owner: User, as_owner: Client) -> None:
    for days in (1, 60):
        AuditRecord.objects.create(
            organization=owner.organization,
            action="exported",
            summary=f"exported list {days}",
            created=timezone.now() - timedelta(days=days),
        )
    [query] = [query for query, finds in RECORDS.examples if finds == "exports in the last 30 days"]
    html = as_owner.get("/settings/audit/", {"q": query}).content.decode()
    assert "exported list 1" in html
    assert "exported list 60" not in html


def test_only_retention_deletes_and_only_old_records(lead: Lead, settings: Settings) -> None:
    for days in (0, 99, 101):
        AuditRecord.objects.create(summary=f"{days}", created=timezone.now() - timedelta(days=days))
    delete_old_records()
    assert AuditRecord.objects.count() == 3, "the default keeps them"
    settings.KEEP_AUDIT_DAYS = 100
    delete_old_records()
    assert {row.summary for row in AuditRecord.objects.all()} == {"0", "99"}
    assert not AuditDeletion.objects.exists()


def test_records_outlive_their_people(rep: User, as_owner: Client) -> None:
    record("exported", name="leads", by=rep)
    rep.delete()
    assert "rita" in as_owner.get("/settings/audit/").text


def shown(client: Client, query: str = "") -> list[str]:
    response = client.get("/settings/audit/", {"q": query})
    assert not response.context["listing"].problem, response.context["listing"].problem
    return [row.summary for row in response.context["page"].rows]


def test_owners_search_their_own_and_administrators_all(
    as_owner: Client, owner: User, rep: User, lead: Lead, as_rep: Client, stranger: User
) -> None:
    manager = factories.user(owner.organization, "mona", role="manager")
    rival = factories.user(stranger.organization, "rob", role="owner")
    root = factories.user(None, "root", is_staff=True, is_superuser=True)
    clients = {person: Client() for person in (manager, rival, root)}
    for person, client in clients.items():
        client.force_login(person)
    before, after = {"status": "New"}, {"status": "Won"}
    record("changed", lead, before=before, after=after, by=rep)
    record("exported", name="leads", note="failed_sms > 1", by=owner)
    record("exported", name="messages", by=rival)
    changed = "rita changed status of Bluebird Bakery from New to Won"
    exported, elsewhere = "olga exported leads: failed_sms > 1", "rob exported messages"
    assert shown(as_owner) == [exported, changed]
    assert shown(clients[rival]) == [elsewhere]
    assert shown(clients[root]) == [elsewhere, exported, changed]
    assert shown(clients[root], "organization:Rival") == [elsewhere]
    for query in ("bakery won", "user:rita", "action:changed", f"object:lead id:{lead.pk}"):
        assert shown(as_owner, query) == [changed], query
    for query in ("failed_sms", "user:me created:today", "not object:lead"):
        assert shown(as_owner, query) == [exported], query
    assert shown(as_owner, "ip:203") == []
    for client in (as_rep, clients[manager]):
        assert client.get("/settings/audit/").status_code == 403
        assert client.get("/settings/audit/export/").status_code == 403
        assert "audit" not in client.get("/settings/").text


def test_details_link_to_what_changed(as_owner: Client, lead: Lead, rep: User) -> None:
    before, after = {"status": "New", "name": "Bluebird"}, {"status": "Won", "name": "Blackbird"}
    record("changed", lead, before=before, after=after, by=rep)
    html = as_owner.get("/settings/audit/").text
    assert f'href="{lead.get_absolute_url()}"' in html
    assert "changed status and name of Bluebird Bakery" in html
    for words in ("Blackbird", "Won", "Before: </span>New"):
        assert words in html


def test_the_download_has_what_the_page_shows(as_owner: Client, owner: User) -> None:
    record("exported", name="leads", by=owner)
    response: Any = as_owner.get("/settings/audit/export/", {"q": "action:exported"})
    [row] = csv.DictReader(StringIO(response.getvalue().decode("utf-8-sig")))
    assert (row["user"], row["summary"]) == ("olga", "olga exported leads")
    assert shown(as_owner)[0] == "olga exported records: action:exported", "which is recorded too"


def test_a_longer_log_takes_no_more_queries(as_owner: Client, owner: User, lead: Lead) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            as_owner.get("/settings/audit/")
        return len(captured)

    record("changed", lead, after={"name": "A"}, by=owner)
    before = queries()
    for _ in range(5):
        record("changed", lead, after={"name": "A"}, by=owner)
    assert queries() == before


def test_an_edit_writes_one_record(as_rep: Client, lead: Lead) -> None:
    form = {"name": "Renamed", "status": lead.status_id, "owner": lead.owner_id}
    with CaptureQueriesContext(connection) as captured:
        as_rep.post(f"/leads/{lead.pk}/edit/", form)
    about = [query["sql"] for query in captured if TABLE in query["sql"]]
    assert len(about) == 1
    assert AuditRecord.objects.get().summary == (
        "rita changed name of Bluebird Bakery from Bluebird Bakery to Renamed"
    )
