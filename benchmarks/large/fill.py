"""Create the rows: 200 organizations, three of them with a fifth, a hundredth, and a thousandth."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

from leads.models import CustomField, Lead, LeadStatus
from messaging.deliverability import recounting
from messaging.models import MessageTemplate, SenderNumber
from smscenter.accounts.models import Organization, User
from smscenter.demo import organizations as demo
from smscenter.demo.people import FIRST_NAMES, LAST_NAMES

SQL = Path(__file__).with_name("fill.sql")
ORGANIZATIONS = 200
# The part of all leads that each measured organization has.
SIZES = {"big": 5, "medium": 100, "small": 1_000}
USERS, SENDERS, TEMPLATES = 20, 10, 15
# Loaded without their indexes, which are created afterwards, in a tenth of the time.
TABLES = (
    "messaging_smsmessage",
    "messaging_attempt",
    "leads_lead",
    "leads_contact",
    "leads_contactphone",
    "leads_contactemail",
    "leads_address",
    "leads_leadwords",
    "leads_leadnumber",
    "leads_note",
    "messaging_thread",
)


def fill(leads: int) -> None:
    """Migrate, and create the rows if there are none. Texts are ten times as many."""
    call_command("migrate", verbosity=0)
    if Lead.objects.exists():
        print(f"  {Lead.objects.count():,} leads are there already")
        return
    start = monotonic()
    with transaction.atomic(), connection.cursor() as cursor:
        parts = _organizations(leads)
        cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute(
            "CREATE UNLOGGED TABLE big_part (id bigint, leads int, statuses bigint[],"
            " users bigint[], senders bigint[], templates bigint[], first_names text[],"
            " last_names text[])"
        )
        names = [list(FIRST_NAMES), list(LAST_NAMES)]
        cursor.executemany(
            "INSERT INTO big_part VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [[*part, *names] for part in parts],
        )
        definitions = _drop_indexes()
        with _timed("rows"):
            for statement in SQL.read_text().split(";\n"):
                if statement.strip():
                    cursor.execute(statement)
        with _timed("indexes"):
            for definition in definitions:
                cursor.execute(definition)
        _move_sequences()
    with connection.cursor() as cursor, _timed("vacuum"):
        cursor.execute("VACUUM ANALYZE")
    # For the deliverability page, which is measured in the largest organization.
    largest = Organization.objects.get(slug="big")
    with _timed("counts of days"):
        recounting.note_all(largest)
        recounting.recount(largest)
    print(f"  {Lead.objects.count():,} leads in {monotonic() - start:,.0f} s")


@contextmanager
def _timed(what: str) -> Iterator[None]:
    start = monotonic()
    yield
    print(f"  {what} in {monotonic() - start:,.0f} s", flush=True)


def _organizations(leads: int) -> list[list[Any]]:
    """Create the organizations. Return the values of the first columns of big_part."""
    sizes = {name: leads // part for name, part in SIZES.items()}
    others = ORGANIZATIONS - len(sizes)
    rest = leads - sum(sizes.values())
    for number in range(others):
        sizes[f"other-{number}"] = rest // others
    return [_organization(slug, size, number) for number, (slug, size) in enumerate(sizes.items())]


def _organization(slug: str, leads: int, number: int) -> list[Any]:
    row = Organization.objects.create(name=slug.title(), slug=slug, time_zone="America/New_York")
    own = {"organization": row}
    statuses = LeadStatus.objects.bulk_create(
        LeadStatus(**own, label=label, position=position)
        for position, label in enumerate(demo.STATUSES)
    )
    CustomField.objects.bulk_create(
        CustomField(**own, name=name, position=position, **kind)
        for position, (name, kind) in enumerate(demo.FIELDS.items())
    )
    users = User.objects.bulk_create(
        User(**own, username=f"{slug}-{number}", role=User.Role.REP) for number in range(USERS)
    )
    senders = SenderNumber.objects.bulk_create(
        SenderNumber(
            **own, phone=f"+1212{number:04}{line:03}", carrier="sandbox", label=f"Line {line}"
        )
        for line in range(SENDERS)
    )
    templates = MessageTemplate.objects.bulk_create(
        MessageTemplate(**own, name=f"Template {number}", text="Hello", position=number)
        for number in range(TEMPLATES)
    )
    return [
        row.pk,
        leads,
        *([each.pk for each in rows] for rows in (statuses, users, senders, templates)),
    ]


def _drop_indexes() -> list[str]:
    """Drop the indexes of TABLES that aren't constraints. Return their definitions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
            " WHERE i.indrelid = ANY (%s::regclass[])"
            " AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
            [list(TABLES)],
        )
        found = cursor.fetchall()
        for name, _definition in found:
            cursor.execute(f"DROP INDEX {name}")
    return [definition for _name, definition in found]


def _move_sequences() -> None:
    """Move sequences past the IDs that were given."""
    with connection.cursor() as cursor:
        for table in ("leads_lead", "leads_contact"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )
