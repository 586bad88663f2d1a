"""Codes that no one has classified yet: how often they occurred, examples, and a daily email."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Count, Max, Min, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from messaging import carriers
from messaging.models import Attempt, CarrierCode
from smscenter.accounts.models import User

log = structlog.get_logger(__name__)

EVERY = timedelta(days=1)
MOST_EXAMPLES = 5
# Codes that one email names.
MOST_NAMED = 20
BACKEND = "smscenter.accounts.backends.MemberBackend"


@dataclass
class Seen:
    """How many texts failed with a code, and when it was first and last seen."""

    texts: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def add(self, texts: int, first: datetime, last: datetime) -> None:
        self.texts += texts
        self.first = min(filter(None, [self.first, first]))
        self.last = max(filter(None, [self.last, last]))


def count() -> int:
    return CarrierCode.objects.filter(known=False).count()


def seen(rows: Collection[CarrierCode]) -> dict[int, Seen]:
    """Return what's known of each code, in one query."""
    found = {row.pk: Seen() for row in rows}
    if not found:
        return found
    by_code = {(row.carrier, row.code): found[row.pk] for row in rows}
    attempts = Attempt.objects.with_codes({row.code for row in rows}).order_by()
    grouped = attempts.values_list("carrier", "code").annotate(
        Count("pk"), Min("created"), Max("created")
    )
    for carrier, code, *facts in grouped:
        if known := by_code.get((carriers.code_map(carrier), code)):
            known.add(*facts)
    return found


def examples(row: CarrierCode) -> list[Attempt]:
    """Return the latest attempts that failed with this code."""
    attempts = Attempt.objects.with_codes([row.code])
    ours = attempts.filter(carrier__in=carriers.keys_with(row.carrier))
    return list(ours.select_related("organization").order_by("-pk")[:MOST_EXAMPLES])


def remind() -> bool:
    """Send staff an email about unclassified codes, at most one a day. Return whether it was sent.

    A mail server that's down gets it in the next run.
    """
    now, rows = timezone.now(), CarrierCode.objects.filter(known=False).order_by("pk")
    oldest, before = rows.first(), CarrierCode.objects.aggregate(at=Max("reminded"))["at"]
    if oldest is None or (before and before > now - EVERY) or not (to := _recipients()):
        return False
    # Of several workers, one sends it.
    unchanged = Q(reminded=None) | Q(reminded__lte=now - EVERY)
    if not CarrierCode.objects.filter(unchanged, pk=oldest.pk).update(reminded=now):
        return False
    try:
        _send(list(rows), to)
    except OSError:
        CarrierCode.objects.filter(pk=oldest.pk).update(reminded=oldest.reminded)
        log.warning("reminder_not_sent", exc_info=True)
        return False
    return True


def _recipients() -> list[str]:
    """Return the addresses of those who may classify codes, or else the support address."""
    people = User.objects.with_perm("messaging.change_carriercode", backend=BACKEND)
    staff = people.filter(is_staff=True).exclude(email="").order_by("email")
    found = list(staff.values_list("email", flat=True).distinct())
    return found or [address for address in [settings.SUPPORT_EMAIL] if address]


def _send(rows: list[CarrierCode], to: list[str]) -> None:
    known = seen(rows)
    named = sorted(((row, known[row.pk]) for row in rows), key=lambda pair: -pair[1].texts)
    page = reverse("admin:messaging_carriercode_changelist")
    context = {
        "number": len(rows),
        "named": named[:MOST_NAMED],
        "more": len(named[MOST_NAMED:]),
        "url": f"{settings.PUBLIC_URL}{page}?unread=yes",
    }
    subject = f"Unclassified carrier codes: {len(rows)}"
    send_mail(subject, render_to_string("messaging/mail/unclassified.txt", context), None, to)
