"""Organizations, people who are signed in, and texts to send."""

import itertools
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count, Max
from django.test import Client, override_settings

from benchmarks.large.fill import fill
from leads.models import Lead
from messaging.models import Attempt, SenderNumber, SmsMessage
from search.models import SavedView
from smscenter.accounts.models import Organization, User

# So that no sender number's rate is the limit.
RATE = 30_000
MOST_ORGANIZATIONS = 20
VIEWS = {
    "Failed": "latest_sms_status:error",
    "My leads": "owner:me",
    "Quiet": "last_activity > 14 days ago owner:me",
    "Spam": "sms(reason:spam)",
    "Today": "last_incoming_sms:today",
}


def create(leads: int) -> None:
    """Create the rows, unless the database has leads already."""
    if connection.vendor == "postgresql":
        fill(leads)
    elif not Lead.objects.exists():
        call_command("demo", leads=leads, messages=leads * 10, verbosity=0)
    SenderNumber.objects.filter(carrier="sandbox").update(rate=RATE, daily_cap=None)


def _organizations() -> list[Organization]:
    """Return organizations with leads and users, the largest first."""
    sizes = Lead.objects.values("organization").annotate(leads=Count("pk")).order_by("-leads")
    ids = [row["organization"] for row in sizes[:MOST_ORGANIZATIONS]]
    return sorted(Organization.objects.filter(pk__in=ids), key=lambda each: ids.index(each.pk))


def sign_in(sessions: int, secret_key: str) -> list[str]:
    """Return the cookies of this many people: half in the largest organization."""
    largest, *others = _organizations()
    people = [
        itertools.cycle(User.objects.filter(organization=each, is_active=True).order_by("pk")[:20])
        for each in (largest, *others)
    ]
    others_in_turn = itertools.cycle(people[1:] or people)
    chosen = [next(people[0] if n % 2 else next(others_in_turn)) for n in range(sessions)]
    for user in set(chosen):
        SavedView.objects.bulk_create(
            [
                SavedView(organization_id=user.organization_id, owner=user, name=name, query=query)
                for name, query in VIEWS.items()
            ],
            ignore_conflicts=True,
        )
    with override_settings(SECRET_KEY=secret_key, DEBUG=False):
        return [_cookie(user) for user in chosen]


def _cookie(user: User) -> str:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


class Texts:
    """Queues texts like a program that sends many: in turns to leads of several organizations."""

    def __init__(self) -> None:
        organizations = _organizations()
        senders = {
            each.pk: itertools.cycle(
                SenderNumber.objects.filter(organization=each, carrier="sandbox", active=True)
            )
            for each in organizations
        }
        leads = Lead.objects.filter(organization__in=organizations, contacts__phones__isnull=False)
        rows = list(
            leads.order_by("?").values_list(
                "pk", "organization_id", "contacts", "contacts__phones__phone"
            )[:50_000]
        )
        self.recipients: Any = itertools.cycle(rows)
        self.senders = senders
        self.numbers = itertools.count()
        self.last_attempt = Attempt.objects.aggregate(last=Max("pk", default=0))["last"]

    def queue(self, texts: int) -> None:
        rows = [self._message(*next(self.recipients)) for _ in range(texts)]
        with transaction.atomic():
            messages = SmsMessage.objects.bulk_create(rows)
            Attempt.objects.bulk_create(
                Attempt(
                    organization_id=row.organization_id,
                    message=row,
                    sender=row.sender,
                    carrier="sandbox",
                )
                for row in messages
            )

    def _message(self, lead: int, organization: int, contact: int, phone: str) -> SmsMessage:
        sender = next(self.senders[organization])
        text = f"Hello, this is about your quote no. {next(self.numbers)}. Does it suit you?"
        return SmsMessage(
            organization_id=organization,
            lead_id=lead,
            contact_id=contact,
            sender=sender,
            direction="outgoing",
            status="outbox",
            text=text,
            sent_text=text,
            remote_phone=phone,
            local_phone=sender.phone,
        )
