"""Extra databases on the server of the test database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connection
from psycopg.sql import SQL, Identifier


@contextmanager
def empty_database(folder: Path, name: str) -> Iterator[str]:
    """Create a database without tables, and yield its DATABASE_URL. SQLite's is in `folder`."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / name}.sqlite3"
        return
    # Two test runs on one server need different names.
    database = f"{os.environ.get('TEST_DATABASE_NAME', 'test_smscenter')}_{name}"
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as admin:
        drop = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(database))
        admin.execute(drop)
        admin.execute(SQL("CREATE DATABASE {}").format(Identifier(database)))
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{database}"))
        finally:
            admin.execute(drop)
