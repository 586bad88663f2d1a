"""Locks on what has no row to lock yet."""

from django.db import connection


def hold(*key: object) -> None:
    """Wait until no other transaction holds this key. It's released at the end of this one.

    SQLite has one writer at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            name = " ".join(map(str, key))
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
