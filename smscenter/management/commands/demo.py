from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from search.answering import statistics
from smscenter.demo import load
from smscenter.management.migrated import MigratedCommand


class Command(MigratedCommand):
    help = "Load demo data once: two organizations, and users whose password is their name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--leads", type=int, default=300, help="Number of leads.")
        parser.add_argument(
            "--messages", type=int, help=f"Defaults to {load.MESSAGES_A_LEAD} per lead."
        )
        parser.add_argument("--seed", type=int, default=1, help="Another seed creates other rows.")

    def handle(self, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "Anyone can guess the passwords of demo users, so they load only with DEBUG=on."
            )
        if load.is_loaded():
            self.stdout.write("Demo data is already loaded. Nothing was changed.")
            return
        leads, messages = options["leads"], options["messages"]
        if messages is None:
            messages = leads * load.MESSAGES_A_LEAD
        if leads < 0 or messages < 0:
            raise CommandError("--leads and --messages can't be negative.")
        self.stdout.write(f"Loading demo data: {leads:,} leads, {messages:,} texts …")
        load.load(
            leads=leads,
            messages=messages,
            seed=options["seed"],
            now=timezone.now(),
            progress=self._progress if options["verbosity"] > 1 else lambda _done: None,
        )
        statistics.gather()  # or the first minutes are slow
        self.stdout.write("Demo data is loaded.")

    def _progress(self, done: int) -> None:
        self.stdout.write(f"  {done:,} messages")
