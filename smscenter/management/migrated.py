"""Commands that need an up-to-date database."""

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from smscenter.database import schema


class DatabaseAwayError(CommandError):
    """The database can't be reached."""


class MigratedCommand(BaseCommand):
    """A command that says that migrations are missing, instead of failing at the first query."""

    requires_migrations_checks = True

    def check_migrations(self) -> None:
        """Raise CommandError unless the database is migrated. Called before `handle`."""
        try:
            schema.refuse_outdated()
            pending = schema.pending_migrations()
        except DatabaseError as error:
            raise DatabaseAwayError(f"The database can't be reached: {error}") from error
        if pending:
            raise CommandError(
                f"The database isn't migrated: {pending} migrations are missing. "
                "Run `manage.py migrate` first."
            )
