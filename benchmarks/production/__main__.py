"""Run an installation under load, and print what it reached.

Usage: `make bench-load`, with OPTIONS="--minutes 5 --pgbouncer" for the options below. Exits
with 1 after an error, a lost or doubled text, or a process with more than 150 MB.
"""

import argparse
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import django
import psycopg

from tests import with_postgres

# A tenth of the load, and of the leads.
SQLITE_PART = 10
LEADS = 20_000


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.production", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--sessions", type=int, default=200, help="People at once.")
    parser.add_argument("--think", type=float, default=15, help="Seconds that a page is read.")
    parser.add_argument("--texts", type=int, default=300, help="Queued a second.")
    parser.add_argument("--callbacks", type=int, help="Reports a second. Default: one a text.")
    parser.add_argument("--leads", type=int, default=LEADS, help="Texts are ten times as many.")
    parser.add_argument("--database", help="Fill this one if it's empty, and keep it.")
    parser.add_argument("--pgbouncer", action="store_true", help="Use docs/pgbouncer.ini.")
    parser.add_argument("--sqlite", action="store_true", help="A tenth of all this on SQLite.")
    parser.add_argument("--gunicorn", default="", help="More options of gunicorn.")
    chosen = parser.parse_args()
    if chosen.sqlite:
        for name in ("sessions", "texts", "leads"):
            setattr(chosen, name, max(1, getattr(chosen, name) // SQLITE_PART))
        chosen.callbacks = chosen.callbacks and chosen.callbacks // SQLITE_PART
    chosen.callbacks = chosen.callbacks or chosen.texts
    return chosen


@contextmanager
def database(folder: Path, chosen: argparse.Namespace) -> Iterator[str]:
    """Yield the URL of a database. A new PostgreSQL flushes to the disk, as in production."""
    if chosen.database:
        yield chosen.database
        return
    if chosen.sqlite:
        yield f"sqlite:///{folder}/load.sqlite3"
        return
    with ExitStack() as stack:
        server = with_postgres.start_server(stack)
        if not os.environ.get("TEST_DATABASE_URL"):
            _make_durable(server)
        yield stack.enter_context(with_postgres.database(server, f"load_{secrets.token_hex(4)}"))


def _make_durable(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as admin:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            admin.execute(f"ALTER SYSTEM SET {name} = on")
        admin.execute("SELECT pg_reload_conf()")


def main() -> None:
    chosen = arguments()
    parent = "/var/tmp" if os.geteuid() == 0 else None
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=parent)))
        url = stack.enter_context(database(folder, chosen))
        os.environ["DATABASE_URL"] = url
        os.environ["DEBUG"] = "on"
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        django.setup()
        from benchmarks.production.run import run

        if not run(chosen, folder, url, stack):
            stack.close()
            sys.exit("Missed: see above.")


if __name__ == "__main__":
    main()
