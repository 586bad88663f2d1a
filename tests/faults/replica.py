"""A real streaming replica is killed, falls behind, and comes back, while people read lists."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from tests import with_postgres
from tests.faults.workers import ROOT

pytestmark = [
    pytest.mark.faults,
    pytest.mark.own_database,
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no replicas"),
]
ROUNDS = int(os.environ.get("FAULT_ROUNDS", "1"))


class Replica:
    """A replica in a folder of its own, which can be killed and started."""

    def __init__(self, folder: Path, binaries: Path, primary: str) -> None:
        self.folder, self.data = folder, folder / "data"
        self.url = f"postgres://postgres@{quote(str(folder), safe='')}/postgres"
        self.binaries, self.account = binaries, with_postgres.Account()
        self.account.own(folder)
        self.run("pg_basebackup", "--dbname", primary, "--write-recovery-conf", "--checkpoint=fast")
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(f"unix_socket_directories = '{folder}'\n")

    def run(self, command: str, *arguments: str) -> None:
        options = ("--pgdata", str(self.data), *arguments)
        self.account.run(self.folder, self.binaries / command, *options)

    def start(self) -> None:
        self.run("pg_ctl", "--silent", "--log", str(self.folder / "log"), "--wait", "start")

    def kill(self) -> None:
        self.run("pg_ctl", "--silent", "--mode=immediate", "--wait", "stop")

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as database:
            database.execute(statement)


@pytest.fixture
def primary() -> Iterator[tuple[Path, str]]:
    binaries = with_postgres.system_binaries()
    if binaries is None or not (binaries / "pg_basebackup").exists():
        pytest.skip("No pg_basebackup: apt-get install postgresql")
    changed = {"wal_level": "replica", "max_wal_senders": "4"}
    with with_postgres.cluster(binaries, copy=False, **changed) as url:
        yield binaries, url


@pytest.fixture
def replica(primary: tuple[Path, str]) -> Iterator[Replica]:
    parent = "/var/tmp" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(
        prefix="replica-", dir=parent, ignore_cleanup_errors=True
    ) as folder:
        made = Replica(Path(folder), *primary)
        made.start()
        yield made
        made.kill()


@contextmanager
def reader(primary: str, replica: str) -> Iterator[Callable[[], dict[str, Any]]]:
    """Yield a function that returns the next round of requests. None may have failed."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": primary,
        "REPLICA_DATABASE_URL": replica,
        "REPLICA_LAG_SECONDS": "3",
    }
    command = [sys.executable, "-m", "tests.faults.reading_from_a_replica"]
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None

        def next_round() -> dict[str, Any]:
            line = json.loads(process.stdout.readline())  # type: ignore[union-attr]
            assert set(line["statuses"]) == {200}
            assert line["found"] == [True, True, False, True, True]
            return dict(line)

        try:
            yield next_round
        finally:
            process.kill()


def wait_for(condition: Callable[[dict[str, Any]], bool], rounds: Callable[[], Any]) -> None:
    """Take rounds until one satisfies the condition. Fail after a minute."""
    end = monotonic() + 60
    while not condition(rounds()):
        assert monotonic() < end


def is_read(line: dict[str, Any]) -> bool:
    return bool(line["read"])


def is_not_read(line: dict[str, Any]) -> bool:
    return not line["read"]


def test_lists_are_shown_whatever_happens_to_the_replica(
    primary: tuple[Path, str], replica: Replica
) -> None:
    with reader(primary[1], replica.url) as rounds:
        wait_for(is_read, rounds)
        for _ in range(ROUNDS):
            replica.kill()
            wait_for(is_not_read, rounds)
            replica.start()
            wait_for(is_read, rounds)
        replica.execute("SELECT pg_wal_replay_pause()")
        with psycopg.connect(primary[1], autocommit=True) as database:
            database.execute("CREATE TABLE since_then ()")
        wait_for(is_not_read, rounds)
        replica.execute("SELECT pg_wal_replay_resume()")
        wait_for(is_read, rounds)
        replica.execute("SELECT pg_promote()")  # it follows nobody anymore
        wait_for(is_not_read, rounds)
