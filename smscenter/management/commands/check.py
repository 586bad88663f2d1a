from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import check


class Command(check.Command):
    """Fail on warnings, too, with `--deploy`: in production they're mistakes."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(fail_level=None)

    def handle(self, *app_labels: Any, **options: Any) -> None:
        level = options["fail_level"] or ("WARNING" if options["deploy"] else "ERROR")
        super().handle(*app_labels, **options | {"fail_level": level})
