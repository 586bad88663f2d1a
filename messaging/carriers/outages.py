"""Which carriers are paused, how many texts wait for each, and emails to staff about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from messaging import carriers
from messaging.models import Attempt, CarrierHealth, SenderNumber
from smscenter import moments
from smscenter.accounts.models import Organization, User

log = structlog.get_logger(__name__)

# Never count more waiting texts than this for a page.
MOST_COUNTED = 10_000
KEPT_SECONDS = 3
# If the carrier fails again within this time, it's the same outage, and staff aren't emailed again.
QUIET = timedelta(minutes=2)


@dataclass(frozen=True)
class Outage:
    """A paused carrier, and the number of texts that wait for it."""

    health: CarrierHealth
    waiting: int

    @property
    def label(self) -> str:
        name = carriers.label(self.health.carrier)
        return f"{name} ({self.health.account})" if self.health.account else name

    @property
    def rejects_credentials(self) -> bool:
        return self.health.pause == CarrierHealth.Pause.CREDENTIALS

    @property
    def summary(self) -> str:
        """Return a sentence with the time in the reader's zone."""
        happened = (
            "has rejected our credentials" if self.rejects_credentials else "hasn't responded"
        )
        since = moments.since(self.health.since) if self.health.since else ""
        return f"{self.label} {happened} since {since}{self._waiting_words}."

    @property
    def _waiting_words(self) -> str:
        if not self.waiting:
            return ""
        more = "+" if self.waiting >= MOST_COUNTED else ""
        return f"; {self.waiting:,}{more} text{'s' if self.waiting > 1 else ''} waiting"


def outages() -> list[Outage]:
    """Return all outages, with all texts that wait."""
    return [Outage(health, _count(_waiting(health))) for health in _paused()]


def noticed_by(organization: Organization) -> list[Outage]:
    """Return the outages of carriers that an organization uses, with its own texts that wait.

    Each page asks. So which carriers are paused is kept for a few seconds.
    """
    found = []
    for health in _recently_paused():
        count = _count(_waiting(health).filter(organization=organization))
        if count or _uses(organization, health):
            found.append(Outage(health, count))
    return found


def waiting_among(messages: Iterable[int]) -> set[int]:
    """Return which of these texts wait for a paused carrier, by ID, in one query if any can."""
    ids = list(messages)
    paused = [health.carrier for health in _recently_paused()] if ids else []
    if not paused:
        return set()
    open_ones = [Attempt.State.QUEUED, Attempt.State.SENDING]
    attempts = Attempt.objects.filter(message__in=ids, state__in=open_ones, carrier__in=paused)
    due = attempts.filter(due__lte=timezone.now()).order_by()
    return set(due.values_list("message", flat=True))


def notify_staff() -> None:
    """Email staff once when a carrier is paused, and once after it has resumed."""
    for outage in outages():
        _notify(outage, CarrierHealth.objects.paused().filter(notified=False), notified=True)
    over = CarrierHealth.objects.filter(pause="", notified=True)
    for health in over.filter(resumed__lte=timezone.now() - QUIET):
        _notify(Outage(health, 0), over, notified=False)


def _paused() -> list[CarrierHealth]:
    return list(CarrierHealth.objects.paused().order_by("carrier", "account"))


def _recently_paused() -> list[CarrierHealth]:
    return cache.get_or_set("paused_carriers", _paused, KEPT_SECONDS) or []


def _count(attempts: QuerySet[Attempt]) -> int:
    return attempts[:MOST_COUNTED].count()


def _waiting(health: CarrierHealth) -> QuerySet[Attempt]:
    now = timezone.now()
    queued = Q(state=Attempt.State.QUEUED, due__lte=now)
    return Attempt.objects.filter(
        queued | Q(state=Attempt.State.SENDING), carrier=health.carrier
    ).order_by()


def _uses(organization: Organization, health: CarrierHealth) -> bool:
    """Return whether the organization would send through the carrier, and it isn't tried soon."""
    senders = SenderNumber.objects.filter(organization=organization, active=True)
    is_current = health.probe_at is not None and health.probe_at > timezone.now()
    return is_current and senders.filter(carrier=health.carrier).exists()


def _notify(outage: Outage, rows: QuerySet[CarrierHealth], *, notified: bool) -> None:
    """Email staff, unless another worker did. If that fails, the next run tries again."""
    row = rows.filter(pk=outage.health.pk)
    if not row.update(notified=notified):
        return
    try:
        _send(outage)
    except Exception:
        CarrierHealth.objects.filter(pk=outage.health.pk).update(notified=not notified)
        raise


def _send(outage: Outage) -> None:
    staff = User.objects.filter(is_staff=True, is_active=True).exclude(email="")
    addresses = sorted(set(staff.values_list("email", flat=True)))
    if not addresses:
        log.warning("no_staff_to_email", carrier=outage.health.carrier)
        return
    path = reverse("admin:messaging_carrierhealth_changelist")
    context = {"outage": outage, "url": settings.PUBLIC_URL + path}
    subject = render_to_string("messaging/mail/outage_subject.txt", context)
    text = render_to_string("messaging/mail/outage.txt", context)
    headers = {"Auto-Submitted": "auto-generated"}
    EmailMultiAlternatives(" ".join(subject.split()), text, bcc=addresses, headers=headers).send()
