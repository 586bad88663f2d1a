"""The inbox: one thread for each lead, and for each unknown number, that texted."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Index, OuterRef, Q, Subquery, UniqueConstraint
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from leads.models import Lead, LeadVisit
from leads.phones import Phone, PhoneNumberError, parse
from smscenter.accounts.models import Owned, OwnedQuerySet, User, name_of

# Someone who stopped typing this long ago no longer counts as replying.
REPLYING_LASTS = timedelta(seconds=20)


class ThreadQuerySet(OwnedQuerySet["Thread"]):
    def waiting(self, at: datetime | None = None) -> Self:
        """Return threads that wait for someone, without snoozed ones."""
        return self.filter(state=Thread.State.WAITING, due__lte=at or timezone.now())

    def snoozed(self, at: datetime | None = None) -> Self:
        return self.filter(state=Thread.State.WAITING, due__gt=at or timezone.now())

    def of_assignee(self, member: User) -> Self:
        return self.filter(organization=member.organization_id, assignee=member)

    def blocked(self) -> Self:
        return self.filter(state=Thread.State.BLOCKED)

    def for_inbox(self, user: User) -> Self:
        """Load what a row of the inbox shows, in one query."""
        of_lead = [f"lead__{name}" for name in ("name", "latest_sms_at", "latest_sms_status")]
        return self.with_seen(user).with_related(*of_lead, *name_of("assignee", "replying"))

    def for_page(self) -> Self:
        """Load what the head of an open thread shows, in one query."""
        return self.select_related(
            "lead__organization", "lead__status", "lead__owner", "assignee", "replying"
        )

    def with_seen(self, user: User) -> Self:
        """Annotate up to when the user has seen the thread, as `seen`."""
        of_lead = LeadVisit.objects.filter(lead=OuterRef("lead"), user=user)
        of_number = ThreadVisit.objects.filter(thread=OuterRef("pk"), user=user)
        seen = Coalesce(Subquery(of_lead.values("seen")), Subquery(of_number.values("seen")))
        return self.annotate(seen=seen)

    def unread(self, user: User) -> Self:
        rows = self.with_seen(user)
        return rows.filter(Q(seen=None) | Q(seen__lt=F("received")))

    def of_number(self, organization_id: int, remote: str) -> Self:
        """Return the thread of an unknown number, if there is one."""
        return self.filter(organization=organization_id, lead=None, remote=remote)

    def assign(self, thread: "Thread", to: User | None, *, expected: int | None) -> bool:
        """Assign a thread, unless it's no longer assigned to whom this person saw there."""
        return bool(self.filter(pk=thread.pk, assignee=expected).update(assignee=to))

    def move(self, thread: "Thread", state: "Thread.State") -> bool:
        """Move a thread to a state. Return whether it wasn't there before."""
        rows = self.filter(pk=thread.pk).exclude(state=state)
        return bool(rows.update(state=state, due=F("received"), replying=None, replying_until=None))

    def note_replying(self, lead: Lead, user: User, at: datetime | None = None) -> None:
        """Record that the user is writing to this lead, unless a colleague began before."""
        now = at or timezone.now()
        free = Q(replying=None) | Q(replying=user) | Q(replying_until__lte=now)
        rows = self.filter(free, lead=lead)
        rows.update(replying=user, replying_until=now + REPLYING_LASTS)

    @contextmanager
    def kept_waiting(self, leads: Iterable[int]) -> Iterator[None]:
        """Keep these leads' threads waiting while texts are added that answer nobody.

        The caller has a transaction.
        """
        rows = self.filter(lead__in=list(leads), state=Thread.State.WAITING)
        waiting = list(rows.order_by("lead").values_list("pk", flat=True))
        yield
        self.filter(pk__in=waiting).update(state=Thread.State.WAITING)


class Thread(Owned):
    """The texts with a lead, or from an unknown number, and whether they wait for someone.

    Database triggers keep it: an incoming text opens the thread, and a text that someone writes
    answers it (see `threads_*.sql` of the migrations).
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ANSWERED = "answered", "Answered"
        DONE = "done", "Done"
        # Later texts of a blocked number are kept, and don't open the thread.
        BLOCKED = "blocked", "Blocked"

    # None for an unknown number, which `remote` names then, as the carrier wrote it.
    lead = models.OneToOneField(
        Lead, on_delete=models.CASCADE, null=True, blank=True, related_name="thread"
    )
    remote = models.CharField("from", max_length=64, blank=True, default="", db_default="")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    received = models.DateTimeField(help_text="When the latest text came.")
    due = models.DateTimeField(help_text="When the latest text came, or the snooze ends.")
    replying = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
    )
    replying_until = models.DateTimeField(null=True, blank=True)

    # Set by `with_seen`.
    seen: datetime | None = None

    objects = ThreadQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["id", "organization"], name="thread_organization"),
            UniqueConstraint(
                fields=["organization", "remote"],
                condition=Q(lead__isnull=True),
                name="thread_of_number",
            ),
            models.CheckConstraint(
                name="thread_lead_or_number", condition=Q(lead__isnull=True) | Q(remote="")
            ),
            models.CheckConstraint(
                name="thread_state",
                condition=Q(state__in=["waiting", "answered", "done", "blocked"]),
            ),
        ]
        # A page of the inbox reads one short range of one of these: a snoozed thread is due later.
        indexes = [
            Index(
                fields=["organization", "-due", "-id"],
                condition=Q(state="waiting"),
                name="thread_waiting",
            ),
            Index(
                fields=["organization", "assignee", "-due", "-id"],
                condition=Q(state="waiting"),
                name="thread_waiting_assignee",
            ),
            Index(
                fields=["organization", "-due", "-id"],
                condition=Q(state="blocked"),
                name="thread_blocked",
            ),
        ]

    def __str__(self) -> str:
        return self.lead.name if self.lead else self.number

    def get_absolute_url(self) -> str:
        return reverse("thread_detail", args=[self.pk])

    @property
    def phone(self) -> Phone | None:
        """Return the unknown number, or None for a short code or a name."""
        try:
            return parse(self.remote)
        except PhoneNumberError:
            return None

    @property
    def number(self) -> str:
        return self.phone.formatted if self.phone else self.remote or "No sender"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING and self.due <= timezone.now()

    @property
    def has_failed_reply(self) -> bool:
        """Return whether it waits although someone answered, because that text failed."""
        if self.lead is None or self.state != self.State.WAITING:
            return False
        answered = self.lead.latest_sms_at
        is_newer = answered is not None and answered >= self.received
        return is_newer and self.lead.latest_sms_status == "error"

    @property
    def is_blocked(self) -> bool:
        return self.state == self.State.BLOCKED

    @property
    def is_unread(self) -> bool:
        """Return whether a text came after the reader of `with_seen` last looked."""
        return self.seen is None or self.seen < self.received

    @property
    def is_being_answered(self) -> bool:
        return self.replying_until is not None and self.replying_until > timezone.now()

    def replying_besides(self, user: User) -> User | None:
        """Return the colleague who is writing a reply right now."""
        is_other = self.is_being_answered and self.replying_id != user.pk
        return self.replying if is_other else None

    def mark_read(self, user: User) -> None:
        """Record that the user saw its latest text."""
        self._record(user, self.received)

    def mark_unread(self, user: User) -> None:
        self._record(user, self.received - timedelta(microseconds=1))

    def _record(self, user: User, seen: datetime) -> None:
        own: Any = {"organization_id": self.organization_id, "user": user}
        write: Any = {"update_conflicts": True, "update_fields": ["seen"]}
        if self.lead_id:
            visits = LeadVisit.objects.filter(**own, lead=self.lead_id)
            newer = visits.filter(seen__gt=self.received)
            if seen >= self.received and newer.exists():
                return
            visit = LeadVisit(**own, lead_id=self.lead_id, seen=seen)
            LeadVisit.objects.bulk_create([visit], unique_fields=["lead", "user"], **write)
        else:
            thread_visit = ThreadVisit(**own, thread=self, seen=seen)
            ThreadVisit.objects.bulk_create(
                [thread_visit], unique_fields=["thread", "user"], **write
            )


class ThreadVisit(Owned):
    """Up to which text a person has read the thread of an unknown number.

    For leads, it's their LeadVisit.
    """

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, db_index=False, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    seen = models.DateTimeField()

    objects = OwnedQuerySet["ThreadVisit"].as_manager()

    class Meta:
        constraints = [UniqueConstraint(fields=["thread", "user"], name="thread_visit")]
        indexes = [Index(fields=["user"], name="thread_visit_user")]

    def __str__(self) -> str:
        return f"{self.user} at {self.thread}"
