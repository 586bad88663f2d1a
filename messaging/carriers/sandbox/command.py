import signal
import threading
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from messaging.carriers.sandbox.courier import Control
from messaging.carriers.sandbox.server import SandboxServer


class Command(BaseCommand):
    help = "Run the sandbox carrier, which speaks Twilio's API and doesn't send to real phones."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port",
            type=int,
            default=urlsplit(settings.SANDBOX_URL).port or 8010,
            help="Defaults to the port of SANDBOX_URL. 0 picks a free one.",
        )
        parser.add_argument(
            "--delay", type=float, default=Control.delay, help="Seconds between two status updates."
        )
        parser.add_argument(
            "--reply-delay",
            type=float,
            default=Control.reply_delay,
            help="Seconds until a person replies.",
        )
        parser.add_argument("--seed", type=int, help="Makes random outcomes repeatable.")
        parser.add_argument(
            "--inbound-url", default="", help="Where replies go. Defaults to our own webhook."
        )

    def handle(self, **options: Any) -> None:
        stopped = threading.Event()
        for wanted in (signal.SIGTERM, signal.SIGINT):
            signal.signal(wanted, lambda *_: stopped.set())
        with self.server(options) as server:
            self.stdout.write(f"Sandbox carrier on {server.url} (open it to see its magic numbers)")
            self.stdout.flush()
            stopped.wait()

    def server(self, options: dict[str, Any]) -> SandboxServer:
        try:
            return SandboxServer(
                port=options["port"],
                inbound_url=options["inbound_url"],
                control=Control(delay=options["delay"], reply_delay=options["reply_delay"]),
                seed=options["seed"],
            )
        except OSError as error:
            raise CommandError(f"Can't use port {options['port']}: {error.strerror}.") from error
