"""Compare an import of leads with COPY of the same rows into the same tables and indexes.

On SQLite, which has no COPY, only the rows per second are shown.
"""

import resource
from io import BytesIO
from time import perf_counter

from django.db import connection, transaction

from leads.imports import actions, work
from leads.models import Contact, ContactEmail, ContactPhone, Lead, LeadImport, LeadStatus
from smscenter.accounts.models import Organization, User
from tests import factories

ROWS = 100_000
BUDGET = 0.2  # of the rows per second of COPY
TABLES = [each._meta.db_table for each in (Lead, Contact, ContactPhone, ContactEmail)]


def content() -> BytesIO:
    lines = (
        f"Lead {number},Ada {number},+1415{number % 800 + 200:03}{number % 10_000:04},"
        f"ada{number}@example.com\n"
        for number in range(ROWS)
    )
    return BytesIO(("Company,Contact,Phone,Email\n" + "".join(lines)).encode())


def work_through(job: LeadImport) -> float:
    began = perf_counter()
    while job.is_in_work:
        work.step(job.pk)
        job.refresh_from_db()
    return perf_counter() - began


def imported(organization: Organization, by: User) -> float:
    """Import the rows, and return the seconds that it took after the file was read."""
    fields = {"kind": LeadImport.Kind.LEADS, "duplicates": LeadImport.Duplicates.ADD}
    job = actions.upload(organization, by, content(), "leads.csv", **fields)
    read = work_through(job)
    job.status = LeadStatus.objects.get(organization=organization)
    actions.start(job)
    seconds = work_through(job)
    assert job.added == ROWS, (job.added, job.rejected)
    print(f"  read {ROWS:,} rows in {read:.1f} s")
    return seconds


def copied() -> float:
    """Take the rows out, and return the seconds that COPY takes to put them back."""
    stored = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            with cursor.copy(f"COPY {table} TO STDOUT") as rows:
                stored[table] = b"".join(rows)
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
    began = perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in stored.items():
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(rows)
    return perf_counter() - began


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run() -> bool:
    organization = factories.organization("importing")
    by = factories.user(organization, "importing", role=User.Role.MANAGER)
    before = megabytes()
    seconds = imported(organization, by)
    print(
        f"  import {ROWS / seconds:,.0f} rows a second, {megabytes() - before:.0f} MB more memory"
    )
    if connection.vendor != "postgresql":
        return True
    ratio = copied() / seconds
    print(f"  {ratio:.2f} of COPY's rows a second, at least {BUDGET}")
    return ratio >= BUDGET
