"""Check the numbers of texts, by which PostgreSQL finds some digits, and repair them.

Database triggers keep them (`migrations/texted_numbers_postgresql.sql`). SQLite has no such table.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from smscenter.accounts.models import Organization

TEXTED = """
    SELECT DISTINCT remote_phone FROM messaging_smsmessage
     WHERE organization_id = %s AND remote_phone <> ''
"""
STORED = "SELECT phone FROM messaging_textednumber WHERE organization_id = %s"
ADD = "INSERT INTO messaging_textednumber (organization_id, phone) SELECT %s, unnest(%s::text[])"
# It looks at the texts again, and forgets none that was texted meanwhile.
FORGET = "SELECT messaging_forget_number(%s, phone) FROM unnest(%s::text[]) phone"


@dataclass(frozen=True)
class Drift:
    """Numbers of an organization that are missing, or that no text has."""

    organization: Organization
    numbers: int
    what: str

    def __str__(self) -> str:
        return f"organization {self.organization.slug}: {self.numbers} numbers {self.what}"


def check(organization: Organization, *, repair: bool = False) -> Iterator[Drift]:
    """Compare the stored numbers with those of texts. It doesn't say which: they're personal."""
    if connection.vendor != "postgresql":
        return
    for what, found, mend in (
        ("of texts aren't stored", f"{TEXTED} EXCEPT {STORED}", ADD),
        ("are stored, but no text has them", f"{STORED} EXCEPT {TEXTED}", FORGET),
    ):
        with connection.cursor() as cursor:
            cursor.execute(found, [organization.pk, organization.pk])
            if numbers := [phone for (phone,) in cursor.fetchall()]:
                if repair:
                    cursor.execute(mend, [organization.pk, numbers])
                yield Drift(organization, len(numbers), what)
