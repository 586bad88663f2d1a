"""Extra databases on the server of the test database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from tests import with_postgres


@contextmanager
def empty_database(folder: Path, name: str, template: str = "template1") -> Iterator[str]:
    """Create a database without tables, and yield its DATABASE_URL. SQLite's is in `folder`.

    On PostgreSQL, it has those of the template.
    """
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / name}.sqlite3"
        return
    # Two test runs on one server need different names.
    database = f"{os.environ.get('TEST_DATABASE_NAME', 'test_smscenter')}_{name}"
    with with_postgres.database(os.environ["DATABASE_URL"], database, template) as url:
        yield url
