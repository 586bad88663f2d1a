from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from smscenter.accounts.members import invitations
from smscenter.accounts.models import Invitation, User, validate_time_zone
from smscenter.accounts.organizations import beginning as new_organizations


class Command(BaseCommand):
    help = "Create an organization, invite its owner, and print the invitation's link."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--owner", required=True, metavar="EMAIL")
        parser.add_argument("--time-zone", default="America/New_York")
        parser.add_argument("--mail", action="store_true", help="send the link to the owner, too")

    def handle(self, *_args: Any, **options: Any) -> None:
        name, email = options["name"].strip(), options["owner"].strip()
        try:
            validate_email(email)
            validate_time_zone(options["time_zone"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if invitations.has_account(email):
            raise CommandError(f"There's already an account with the email {email}.")
        with transaction.atomic():
            invitation = Invitation.objects.create(
                organization=new_organizations.create(name, options["time_zone"]),
                email=email.lower(),
                role=User.Role.OWNER,
            )
            if options["mail"]:
                invitations.mail(invitation)
        days = Invitation.DAYS
        self.stdout.write(f"Created {name}. {email} can accept the invitation for {days} days:")
        self.stdout.write(invitations.link_of(invitation))
