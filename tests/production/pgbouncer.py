"""Run PgBouncer in front of a database: docs/pgbouncer.ini, with the ports and files of a test."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tests.faults.workers import wait_until
from tests.production import nginx
from tests.test_run import free_port
from tests.with_postgres import Account

SAMPLE = nginx.SAMPLE.with_name("pgbouncer.ini")
# The names in the sample.
WEB_POOL, WORK_POOL = "sms_center_web", "sms_center"


@contextmanager
def running(folder: Path, database_url: str) -> Iterator[str]:
    """Yield the address of both pools. The folder must be one that other accounts can reach."""
    with psycopg.connect(database_url) as database:
        info = database.info
        user = info.user
        server = f"host={info.host} port={info.port} dbname={info.dbname} user={user}"
        server += f" password='{info.password}'" if info.password else ""
    port = free_port()
    sample = nginx.replace_all(
        SAMPLE.read_text(),
        {
            "host=127.0.0.1 port=5432 dbname=sms_center ": f"{server} ",
            "listen_port = 6432": f"listen_port = {port}",
            "auth_type = scram-sha-256": "auth_type = any",
            "auth_file = /etc/pgbouncer/userlist.txt": "",
            "/var/log/postgresql/pgbouncer.log": f"{folder}/pgbouncer.log",
            "/run/postgresql/pgbouncer.pid": f"{folder}/pgbouncer.pid",
            "unix_socket_dir = /run/postgresql": "unix_socket_dir =",
        },
    )
    (folder / "pgbouncer.ini").write_text(sample)
    account = Account()  # it refuses to run as root
    account.own(folder)
    command = [nginx.find("pgbouncer") or "pgbouncer", "--quiet", str(folder / "pgbouncer.ini")]
    url = f"postgres://{user}@127.0.0.1:{port}"
    with subprocess.Popen(command, user=account.name) as process:
        try:
            wait_until(lambda: _is_up(f"{url}/{WEB_POOL}"), 30, every=0.1)
            yield url
        finally:
            process.terminate()


def _is_up(url: str) -> bool:
    with suppress(psycopg.OperationalError), psycopg.connect(url):
        return True
    return False
