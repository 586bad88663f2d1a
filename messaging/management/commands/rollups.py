from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from leads.models import Lead, LeadQuerySet
from messaging import rollups
from smscenter.accounts.models import Organization
from smscenter.management.migrated import MigratedCommand

SHOWN = 50


class Command(MigratedCommand):
    help = (
        "Check the SMS counts and dates stored with leads against their texts and notes. "
        "Exits with 1 if a value is wrong and wasn't repaired."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="repair wrong values")
        parser.add_argument(
            "--organization", metavar="SLUG", help="only leads of this organization"
        )

    def handle(self, **options: Any) -> None:
        leads, repair = leads_of(options["organization"]), options["repair"]
        wrong = 0
        for wrong, drift in enumerate(rollups.check(leads, repair=repair), 1):
            if wrong <= SHOWN:
                self.stdout.write(
                    f"lead {drift.lead}: {drift.column} is {drift.stored}, should be {drift.true}"
                )
        if wrong > SHOWN:
            self.stdout.write(f"… and {wrong - SHOWN} more")
        if wrong and not repair:
            raise CommandError(f"{wrong} wrong values. Run again with --repair to correct them.")
        self.stdout.write(f"{wrong} wrong values{', all corrected' if wrong else ''}.")


def leads_of(slug: str | None) -> LeadQuerySet:
    if slug is None:
        return Lead.objects.all()
    organization = Organization.objects.filter(slug=slug).first()
    if organization is None:
        raise CommandError(f"No organization {slug!r}.")
    return Lead.objects.filter(organization=organization)
