"""Check the rollup columns of leads against their texts, notes, and so on, and repair them.

Database triggers keep the columns true (the squashed migrations name their files). This is a second
opinion: the same values, computed another way, to find and repair what a trigger missed, such as
rows that were loaded while triggers were off.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import (
    Aggregate,
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    FilteredRelation,
    Max,
    Min,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.expressions import BaseExpression
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, GreaterThan

from leads.models import (
    MANY_SMS,
    Address,
    Contact,
    ContactEmail,
    ContactPhone,
    Lead,
    LeadQuerySet,
    Note,
)
from messaging.models import SmsMessage
from smscenter import retention

BATCH = 5_000
# Leads in one transaction, for which their writers wait.
LOCKED = 500
# Stands for no date where dates are compared.
NEVER = datetime.min.replace(tzinfo=UTC)
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


def _date(rows: QuerySet[Any], extreme: type[Aggregate]) -> Subquery:
    return Subquery(rows.values("lead").annotate(date=extreme("created")).values("date"))


# Every column of ROLLUPS but `last_activity_at`, which the database generates from the others.
TRUTH: dict[str, Any] = {
    "sms_count": _count(Q()),
    "sent_sms_count": _count(Q(status="sent")),
    "received_sms_count": _count(Q(direction="incoming")),
    "failed_sms_count": _count(Q(status="error")),
    "has_many_sms": ExpressionWrapper(
        Q(GreaterThan(_count(Q()), MANY_SMS)), output_field=BooleanField()
    ),
    "latest_sms_status": Coalesce(_latest("status"), Value("")),
    "latest_sms_at": _latest("created"),
    "latest_sms_id": _latest("id"),
    "first_sms_at": _date(_messages(Q()), Min),
    "last_sms_at": _date(_messages(Q()), Max),
    "last_note_at": _date(Note.objects.filter(lead=OuterRef("pk")), Max),
    "contact_count": _number(Contact),
    "phone_count": _number(ContactPhone, "contact__lead"),
    "email_count": _number(ContactEmail, "contact__lead"),
    "address_count": _number(Address),
    "note_count": _number(Note),
}

# Few rows each, counted lead by lead.
OTHER_COUNTS = ("contact_count", "phone_count", "email_count", "address_count", "note_count")
# The others, for the `texts` of many leads at once.
COUNTED = {
    "sms_count": Count("texts"),
    "sent_sms_count": Count("texts", filter=Q(texts__status="sent")),
    "received_sms_count": Count("texts", filter=Q(texts__direction="incoming")),
    "failed_sms_count": Count("texts", filter=Q(texts__status="error")),
}
DATES = {"first_sms_at": Min("texts__created"), "last_sms_at": Max("texts__created")}
LATEST = SmsMessage.objects.filter(
    pk=OuterRef("latest_sms_id"),
    lead=OuterRef("pk"),
    status=OuterRef("latest_sms_status"),
    created=OuterRef("latest_sms_at"),
)


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

    Nobody waits while a batch is read. Only leads that look wrong are locked, to look again: others
    may have written in between. If this is interrupted, what was repaired stays repaired.
    """
    after, ids = 0, retention.next_ids(leads, size)
    while ids:
        for start in range(0, len(suspects := _suspects(leads, after, ids[-1])), LOCKED):
            yield from _locked(suspects[start : start + LOCKED], repair=repair)
        after = ids[-1]
        ids = retention.next_ids(leads.filter(pk__gt=after), size)


def _suspects(leads: LeadQuerySet, after: int, last: int) -> list[int]:
    """Return the leads with IDs up to `last` whose columns look wrong.

    The texts of all these leads are counted at once, which takes a fraction of counting them lead
    by lead.
    """
    rows = leads.filter(pk__gt=after, pk__lte=last).order_by()
    # The same IDs again: PostgreSQL would read all texts otherwise.
    batch = Q(messages__lead__gt=after, messages__lead__lte=last)
    counted = rows.annotate(texts=FilteredRelation("messages", condition=batch)).annotate(
        **{f"true_{name}": true for name, true in (COUNTED | DATES).items()}
    )
    differ = [~Q((name, F(f"true_{name}"))) for name in COUNTED]
    differ += [_differ(name, F(f"true_{name}"), NEVER) for name in DATES]
    miscounted = counted.filter(reduce(or_, differ))
    differ = [~Q((name, TRUTH[name])) for name in OTHER_COUNTS]
    others = rows.filter(
        reduce(or_, differ, _differ("last_note_at", TRUTH["last_note_at"], NEVER))
        | _differ("latest_sms_id", TRUTH["latest_sms_id"], 0)
        | Q(has_many_sms=False, sms_count__gt=MANY_SMS)
        | Q(has_many_sms=True, sms_count__lte=MANY_SMS)
        | Q(latest_sms_id=None) & ~Q(latest_sms_status="", latest_sms_at=None)
        | Q(latest_sms_id__isnull=False) & ~Exists(LATEST)
    )
    found = (each.values_list("pk", flat=True) for each in (miscounted, others))
    return sorted({pk for pks in found for pk in pks})


def _differ(column: str, true: BaseExpression | F, empty: object) -> Q:
    """Return a condition for leads whose column isn't the true value. Either may be NULL."""
    return ~Q(Exact(Coalesce(F(column), Value(empty)), Coalesce(true, Value(empty))))


def _locked(leads: list[int], *, repair: bool) -> list[Drift]:
    """Lock these leads in a transaction of their own, and compare them lead by lead."""
    with transaction.atomic():
        # Two statements: the second sees what was committed before the first got its locks.
        rows = Lead.objects.filter(pk__in=leads).select_for_update(no_key=True).order_by("pk")
        drifts = _compare(list(rows.values_list("pk", flat=True)))
        if repair and drifts:
            wrong = {drift.lead for drift in drifts}
            Lead.objects.filter(pk__in=wrong).update(**TRUTH)
    return drifts


def _compare(leads: list[int]) -> list[Drift]:
    true = {f"true_{column}": expression for column, expression in TRUTH.items()}
    rows = Lead.objects.filter(pk__in=leads).order_by("pk").annotate(**true)
    return [
        Drift(row["pk"], column, row[column], row[f"true_{column}"])
        for row in rows.values("pk", *TRUTH, *true)
        for column in TRUTH
        if row[column] != row[f"true_{column}"]
    ]
