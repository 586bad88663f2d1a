from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from smscenter.accounts.organizations import setup


class Command(BaseCommand):
    help = "Print a link that creates the first account of a new installation."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if setup.is_done():
            raise CommandError("There's already an account. Sign in, or use createorganization.")
        self.stdout.write("Create the first account here, within a day:")
        self.stdout.write(settings.PUBLIC_URL + setup.path())
