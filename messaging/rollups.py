"""Check the rollup columns of leads against their texts, notes, and so on, and repair them.

Database triggers keep the columns true (see `triggers_*.sql` of the migrations). This is a second
opinion: the same values, computed another way, to find and repair what a trigger missed, such as
rows that were loaded while triggers were off.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from leads.models import Address, Contact, ContactEmail, ContactPhone, Lead, LeadQuerySet, Note
from messaging.models import SmsMessage

BATCH = 1000
HANDED_OVER = Q(direction="outgoing", status__in=["outbox", "sent", "error"])


def _messages(condition: Q) -> QuerySet[SmsMessage]:
    return SmsMessage.objects.filter(condition, lead=OuterRef("pk"))


def _count(condition: Q) -> Coalesce:
    counted = _messages(condition).values("lead").annotate(n=Count("*"))
    return Coalesce(Subquery(counted.values("n")), Value(0))


def _latest(field: str) -> Subquery:
    return Subquery(_messages(HANDED_OVER).order_by("-created", "-id").values(field)[:1])


def _number(model: type[Model], lead: str = "lead") -> Coalesce:
    """Count the rows of a lead. `lead` is the path from them to it."""
    counted = model._base_manager.filter(**{lead: OuterRef("pk")}).order_by().values(lead)
    return Coalesce(Subquery(counted.annotate(n=Count("*")).values("n")), Value(0))


def _newest(rows: QuerySet[Any]) -> Subquery:
    return Subquery(rows.values("lead").annotate(newest=Max("created")).values("newest"))


# Every column of ROLLUPS but `last_activity_at`, which the database generates from the others.
TRUTH = {
    "sms_count": _count(Q()),
    "sent_sms_count": _count(Q(status="sent")),
    "received_sms_count": _count(Q(direction="incoming")),
    "failed_sms_count": _count(Q(status="error")),
    "latest_sms_status": Coalesce(_latest("status"), Value("")),
    "latest_sms_at": _latest("created"),
    "latest_sms_id": _latest("id"),
    "last_sms_at": _newest(_messages(Q())),
    "last_note_at": _newest(Note.objects.filter(lead=OuterRef("pk"))),
    "contact_count": _number(Contact),
    "phone_count": _number(ContactPhone, "contact__lead"),
    "email_count": _number(ContactEmail, "contact__lead"),
    "address_count": _number(Address),
    "note_count": _number(Note),
}


@dataclass(frozen=True)
class Drift:
    """One wrong value of one lead."""

    lead: int
    column: str
    stored: Any
    true: Any

    def __str__(self) -> str:
        return f"lead {self.lead}: {self.column} is {self.stored}, should be {self.true}"


def check(leads: LeadQuerySet, *, repair: bool = False, size: int = BATCH) -> Iterator[Drift]:
    """Compare these leads with their texts and notes, in batches by ID, and optionally repair them.

    Each batch is one transaction, for which the writers of its leads wait.
    """
    after = 0
    while True:
        with transaction.atomic():
            # Two statements: the second sees what was committed before the first got its locks.
            locked = list(
                leads.filter(pk__gt=after)
                .select_for_update(no_key=True)
                .order_by("pk")
                .values_list("pk", flat=True)[:size]
            )
            drifts = _compare(locked)
            if repair and drifts:
                wrong = {drift.lead for drift in drifts}
                Lead.objects.filter(pk__in=wrong).update(**TRUTH)
        yield from drifts
        if len(locked) < size:
            return
        after = locked[-1]


def _compare(leads: list[int]) -> list[Drift]:
    true = {f"true_{column}": expression for column, expression in TRUTH.items()}
    rows = Lead.objects.filter(pk__in=leads).order_by("pk").annotate(**true)
    return [
        Drift(row["pk"], column, row[column], row[f"true_{column}"])
        for row in rows.values("pk", *TRUTH, *true)
        for column in TRUTH
        if row[column] != row[f"true_{column}"]
    ]
