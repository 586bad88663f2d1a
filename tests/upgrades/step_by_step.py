"""Migrate as if no migrations were squashed, such as a database that was upgraded again and again.

    python -m tests.upgrades.step_by_step [APP MIGRATION …]

Without arguments, all landed migrations run.
"""

import os
import sys
from unittest import mock

import django
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader


class StepByStep(MigrationLoader):
    """The landed migrations without the squashed ones."""

    def load_disk(self) -> None:
        super().load_disk()
        landed = {
            key: each for key, each in (self.disk_migrations or {}).items() if not each.replaces
        }
        self.disk_migrations = landed


def main(names: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smscenter.settings")
    django.setup()
    targets = [[app, name] for app, name in zip(names[::2], names[1::2], strict=True)] or [[]]
    with mock.patch("django.db.migrations.executor.MigrationLoader", StepByStep):
        for target in targets:
            call_command("migrate", *target, verbosity=0)


if __name__ == "__main__":
    main(sys.argv[1:])
