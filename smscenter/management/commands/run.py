import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from smscenter import guards
from smscenter.demo.processes import Group, Stopped

PATIENCE = 60.0  # seconds until the first page must answer
MANAGE = (sys.executable, "manage.py")
WELCOME = """
  SMS Center is running at {url}

    rep / rep            a sales rep of Northwind Solar
    manager / manager    the manager
    support / support    support staff of the installation
    admin / admin        the administrator, {url}/admin/

  To start, sign in as rep, open the lead "Sandbox Test Lab", and text the landline,
  +1 500 555 0106. A red label shows that it failed. Open it to see why.

  Press Ctrl-C to stop.
"""


class Command(BaseCommand):
    help = "Run the web server, a worker, and a sandbox carrier with demo data until Ctrl-C."
    # The database may have no tables yet.
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=os.environ.get("PORT", "8000"))

    def handle(self, **options: Any) -> None:
        host, port = options["host"], options["port"]
        refuse_unless_private(host)
        sandbox_port = urlsplit(settings.SANDBOX_URL).port or 80
        refuse_if_taken(host, port, f"make run PORT={port + 1}")
        refuse_if_taken("127.0.0.1", sandbox_port, "SANDBOX_URL=http://127.0.0.1:8011")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("demo", stdout=self.stdout)
        url = f"http://{host}:{port}"
        environment = {"PUBLIC_URL": os.environ.get("PUBLIC_URL", url), "PYTHONUNBUFFERED": "1"}
        self.supervise(commands(host, port, sandbox_port), environment, url)

    def supervise(
        self, commands: Mapping[str, Sequence[str]], environment: Mapping[str, str], url: str
    ) -> None:
        """Run these until a signal arrives. Raise CommandError if one of them ends."""
        try:
            with Group(commands, environment) as group:
                wait_until_it_answers(f"{url}/healthz", group)
                self.stdout.write(WELCOME.format(url=url))
                self.stdout.flush()
                while not (ended := group.ended()):
                    time.sleep(0.2)
                raise CommandError(f"Stopped, because {ended} ended.")
        except Stopped:
            self.stdout.write("Stopped.")


def commands(host: str, port: int, sandbox_port: int) -> dict[str, Sequence[str]]:
    return {
        "web": (
            *(sys.executable, "-m", "gunicorn", "smscenter.wsgi"),
            # One process with four threads is enough for a trial, and starts sooner than two.
            *(f"--bind={host}:{port}", "--workers=1", "--log-level=warning"),
        ),
        "worker": (*MANAGE, "worker"),
        "sandbox": (*MANAGE, "sandbox", f"--port={sandbox_port}"),
    }


def refuse_unless_private(host: str) -> None:
    if not settings.DEBUG:
        raise CommandError("`run` is for a trial only. Use `make run`, which sets DEBUG=on.")
    if not guards.is_loopback(host):
        raise CommandError(
            f"`run` can't listen on {host}, only on this machine: its passwords are easy to guess. "
            'Don\'t set HOST, or see "In production" in README.md.'
        )


def refuse_if_taken(host: str, port: int, other: str) -> None:
    with socket.socket() as probe:
        # As the servers do. Otherwise, connections left by a stopped one would count as in use.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} on {host} is taken ({error.strerror}). SMS Center may already be "
                f"running. To use another port: {other}"
            ) from error


def wait_until_it_answers(url: str, group: Group) -> None:
    deadline = time.monotonic() + PATIENCE
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline:
        if ended := group.ended():
            raise CommandError(f"Couldn't start: {ended} ended.")
        try:
            direct.open(url, timeout=5)
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise CommandError(f"No response from {url} after {PATIENCE:.0f} seconds.")
