"""The lead page with 20,000 messages against the same page with 20."""

from datetime import timedelta
from functools import partial

from django.test import Client
from django.utils import timezone

from benchmarks.timing import as_users_have_it, interleaved, report
from leads.models import Lead
from messaging.models import Attempt, SmsMessage
from tests import factories

# A page shows 30 activities, so compare with a lead that fills one page.
FEW, PAGE, MANY = 20, 30, 20_000
BUDGET = 1.3
ROUNDS = 40


def fill(lead: Lead, number: int) -> None:
    """Create texts in both directions. Every tenth failed, with an attempt."""
    now = timezone.now() - timedelta(hours=1)
    Status = SmsMessage.Status  # noqa: N806 - a class
    statuses = [Status.ERROR, *[Status.SENT] * 5, *[Status.INBOX] * 4]
    rows = [
        SmsMessage(
            organization_id=lead.organization_id,
            lead=lead,
            direction="incoming" if statuses[index % 10] == Status.INBOX else "outgoing",
            status=statuses[index % 10],
            reason="spam" if statuses[index % 10] == Status.ERROR else "",
            text=f"Message {index}, as long as a text in real life is, with a question?",
            remote_phone=factories.MOBILE,
            local_phone=factories.OUR_NUMBER,
            created=now - timedelta(minutes=index),
        )
        for index in range(number)
    ]
    made = SmsMessage.objects.bulk_create(rows, batch_size=1000)
    Attempt.objects.bulk_create(
        [
            Attempt(
                organization_id=lead.organization_id,
                message=message,
                carrier="sandbox",
                state=Attempt.State.FAILED,
                code="30007",
                reason="spam",
            )
            for message in made
            if message.failed
        ],
        batch_size=1000,
    )


def run() -> None:
    user = factories.user(factories.organization("lead-page"), "lead-page")
    client = Client()
    client.force_login(user)
    ways = {}
    for number in (FEW, PAGE, MANY):
        lead = factories.lead(user, f"With {number}")
        factories.contact(lead)
        fill(lead, number)
        ways[f"{number:,} messages"] = partial(client.get, lead.get_absolute_url())
    as_users_have_it()
    report(interleaved(ways, ROUNDS), BUDGET)
