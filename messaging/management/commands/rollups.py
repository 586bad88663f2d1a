from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError
from django.db.models import QuerySet

from leads import numbers, words
from leads.models import Lead
from messaging.deliverability import recounting
from messaging.management.consistency import indexed_words, rollups, stored_codes, texted_numbers
from smscenter.accounts.models import Organization
from smscenter.management.migrated import MigratedCommand

SHOWN = 50


class Command(MigratedCommand):
    help = (
        "Check the SMS counts and dates stored with leads, and those of each day, against their "
        "texts and notes, the words and numbers by which leads are found, and the error codes and "
        "numbers of texts. "
        "Exits with 1 if a value is wrong and wasn't repaired."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="repair wrong values")
        parser.add_argument("--organization", metavar="SLUG", help="only this organization")

    def handle(self, **options: Any) -> None:
        organizations, repair = organizations_of(options["organization"]), options["repair"]
        wrong = 0
        for wrong, drift in enumerate(drifts(organizations, repair=repair), 1):
            if wrong <= SHOWN:
                self.stdout.write(str(drift))
        if wrong > SHOWN:
            self.stdout.write(f"… and {wrong - SHOWN} more")
        if wrong and not repair:
            raise CommandError(f"{wrong} wrong values. Run again with --repair to correct them.")
        self.stdout.write(f"{wrong} wrong values{', all corrected' if wrong else ''}.")


def drifts(organizations: QuerySet[Organization], *, repair: bool) -> Iterator[object]:
    yield from rollups.check(Lead.objects.filter(organization__in=organizations), repair=repair)
    yield from stored_codes.check(organizations, repair=repair)
    for organization in organizations:
        yield from recounting.check(organization, repair=repair)
        yield from words.check(organization, repair=repair)
        yield from numbers.check(organization, repair=repair)
        yield from texted_numbers.check(organization, repair=repair)
    # After the words of leads, of which one index is.
    yield from indexed_words.check(organizations, repair=repair)


def organizations_of(slug: str | None) -> QuerySet[Organization]:
    if slug is None:
        return Organization.objects.all()
    found = Organization.objects.filter(slug=slug)
    if not found:
        raise CommandError(f"No organization {slug!r}.")
    return found
