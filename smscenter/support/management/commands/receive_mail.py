import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError

from smscenter.support.replies.message import LARGEST, UnreadableError
from smscenter.support.replies.receive import receive

# Mail servers try again later after this exit code (sysexits.h).
TEMPORARY_FAILURE = 75


class Command(BaseCommand):
    help = "Add a reply by email to its request. Reads one mail from standard input."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Succeed whatever the mail is: an error would make the server notify a forged sender."""
        try:
            outcome = receive(sys.stdin.buffer.read(LARGEST + 1))
        except UnreadableError as error:
            self.stderr.write(str(error))
        except DatabaseError as error:
            self.stderr.write(f"The database isn't available: {error}")
            sys.exit(TEMPORARY_FAILURE)
        else:
            self.stdout.write(outcome.label if outcome else "Ignored")
