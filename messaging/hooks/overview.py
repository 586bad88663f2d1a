"""What the administrators' page about an organization says of its numbers, carriers, and texts."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from messaging import carriers
from messaging.composing import trial
from messaging.models import Attempt, CarrierHealth, OptOut, SenderNumber, SmsMessage
from smscenter import moments
from smscenter.accounts.models import Organization
from smscenter.accounts.pages.overview import MOST_ROWS, Panel, Row, panels

WEEK = timedelta(days=7)
# No count reads more rows than this.
MOST_COUNTED = 10_000


def senders(organization: Organization) -> Iterable[Row]:
    rows = SenderNumber.objects.visible_in(organization.pk).order_by("-active", "pk")
    shown = list(rows[:MOST_ROWS])
    failed = SmsMessage.objects.failed().filter(
        sender__in=[sender.pk for sender in shown], created__gte=timezone.now() - WEEK
    )
    counts = dict(failed.order_by().values_list("sender").annotate(texts=Count("pk")))
    for sender in shown:
        yield Row(
            (
                str(sender),
                f"{carriers.label(sender.carrier)} {sender.account}".strip(),
                sender.registration_label,
                "On" if sender.active else "Off",
                f"{counts.get(sender.pk, 0):,}",
            ),
            reverse("admin:messaging_sendernumber_change", args=[sender.pk]),
        )


def health(organization: Organization) -> Iterable[Row]:
    """Yield the carriers of the organization's numbers, and since when those that fail do."""
    numbers = SenderNumber.objects.visible_in(organization.pk).filter(active=True)
    used = sorted({*numbers.order_by().values_list("carrier", flat=True).distinct()})
    known = {row.carrier: row for row in CarrierHealth.objects.filter(carrier__in=used)}
    for carrier in used:
        row = known.get(carrier)
        since = moments.spoken(row.since) if row and row.since else ""
        state = row.get_pause_display() if row else CarrierHealth.Pause.NONE.label
        url = reverse("admin:messaging_carrierhealth_change", args=[row.pk]) if row else ""
        yield Row((carriers.label(carrier), state, since, row.words[:80] if row else ""), url)


def texts(organization: Organization) -> Iterable[Row]:
    own = f"?organization__id__exact={organization.pk}"
    waiting = Q(status__in=[SmsMessage.Status.SCHEDULED, SmsMessage.Status.OUTBOX])
    messages = SmsMessage.objects.filter(waiting, organization=organization)
    opt_outs = OptOut.objects.filter(organization=organization, ended=None)
    unconfirmed = Attempt.objects.filter(organization=organization).unconfirmed()
    for name, rows, page in (
        ("Waiting texts", messages, "smsmessage"),
        ("Unconfirmed texts", unconfirmed, "attempt"),
        ("Opt-outs", opt_outs, "optout"),
    ):
        yield Row((name, _count(rows)), reverse(f"admin:messaging_{page}_changelist") + own)
    if settings.TRIAL_SENDER and trial.is_on(organization):
        yield Row(("Trial texts left today", f"{trial.left_today(organization)}"))


def _count(rows: "QuerySet[SmsMessage] | QuerySet[Attempt] | QuerySet[OptOut]") -> str:
    number = rows.order_by()[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED:,}+" if number > MOST_COUNTED else f"{number:,}"


for panel in (
    Panel(
        "senders",
        "Sender numbers",
        ("Number", "Carrier", "Registration", "State", "Failed in 7 days"),
        senders,
        permission="messaging.view_sendernumber",
        place=30,
        page="admin:messaging_sendernumber_changelist",
    ),
    Panel(
        "carriers",
        "Carriers",
        ("Carrier", "State", "Failing since", "Carrier message"),
        health,
        permission="messaging.view_carrierhealth",
        place=40,
    ),
    Panel(
        "texts",
        "Texts",
        ("Kind", "Number"),
        texts,
        permission="messaging.view_smsmessage",
        place=50,
        page="admin:messaging_smsmessage_changelist",
    ),
):
    panels.register(panel)
