"""SMS Center works behind PgBouncer in transaction mode, with docs/pgbouncer.ini."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.workers import database_url
from tests.production import nginx, pgbouncer
from tests.test_settings import PRODUCTION, python

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db,
    pytest.mark.own_database,
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PgBouncer is for PostgreSQL"),
]

# Read rows, and let someone else use the same connection of the pool meanwhile.
READ = """
import django; django.setup()
import psycopg
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import connection
from smscenter.database.streaming import stream
connection.ensure_connection()
others = []
for read in (Permission.objects.iterator(chunk_size=10), stream(Permission.objects.all())):
    next(read)
    others.append(psycopg.connect(connection.connection.info.dsn))
    others[-1].execute("SELECT 1")
    print(1 + len(list(read)) == Permission.objects.count())
"""
SHOW = """
from django.db import connection
with connection.cursor() as cursor:
    for name in ("statement_timeout", "idle_in_transaction_session_timeout", "jit"):
        cursor.execute(f"SHOW {name}")
        print(*cursor.fetchone())
"""


@pytest.fixture(scope="module")
def pooler(django_db_setup: None) -> Iterator[str]:
    if not nginx.is_installed():
        pytest.fail(nginx.INSTRUCTION)
    # PgBouncer, which refuses to run as root, can't read pytest's folders.
    with (
        TemporaryDirectory(dir="/var/tmp") as folder,
        pgbouncer.running(Path(folder), database_url()) as url,
    ):
        yield url


def output(code: str, url: str) -> list[str]:
    done = python(code, **PRODUCTION, DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_rows_are_read_while_others_use_the_connection(pooler: str) -> None:
    assert output(READ, f"{pooler}/{pgbouncer.WEB_POOL}") == ["True", "True"]


def test_web_processes_and_workers_have_their_own_limits(pooler: str) -> None:
    web = output(f"import smscenter.wsgi\n{SHOW}", f"{pooler}/{pgbouncer.WEB_POOL}")
    assert web == ["15s", "1min", "off"]
    worker = output(f"import django; django.setup()\n{SHOW}", f"{pooler}/{pgbouncer.WORK_POOL}")
    assert worker == ["0", "1min", "off"]
