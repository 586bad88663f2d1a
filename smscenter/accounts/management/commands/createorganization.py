from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from smscenter.accounts import new_organizations
from smscenter.accounts.models import User, validate_time_zone

MAIL = """{name} is set up in SMS Center. Choose your password here:

{url}

The link works once, for three days.
"""


class Command(BaseCommand):
    help = "Create an organization with its owner, and print the owner's link to set a password."

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
        if User.objects.filter(username__iexact=email).exists():
            raise CommandError(f"There's already an account with the username {email}.")
        with transaction.atomic():
            owner = User.objects.create_user(
                email,
                email,
                organization=new_organizations.create(name, options["time_zone"]),
                role=User.Role.OWNER,
            )
        url = settings.PUBLIC_URL + new_organizations.welcome_path(owner)
        if options["mail"]:
            text = MAIL.format(name=name, url=url)
            send_mail(f"Your SMS Center account at {name}", text, None, [email])
        self.stdout.write(f"Created {name}. {email} can set a password here for three days:")
        self.stdout.write(url)
