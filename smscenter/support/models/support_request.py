from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, Index, OuterRef, Prefetch, Q, UniqueConstraint
from django.urls import reverse
from django.utils import timezone

from leads.models import Lead
from messaging.models import SenderNumber, SmsMessage
from messaging.models.reason import Reason
from smscenter.accounts.models import OwnedQuerySet, User, name_of
from smscenter.support.models import targets
from smscenter.support.models.details import QUESTION, REQUIRED, WhitelistDetails
from smscenter.support.models.draft import Draft
from smscenter.support.models.states import (
    BY_MEMBERS,
    MOVES,
    NEVER,
    OPEN,
    TURNS,
    MoveError,
    State,
    check_move,
    clean,
    is_reviewer,
    lower,
)
from smscenter.support.models.support_request_event import SupportRequestEvent
from smscenter.support.models.support_request_message import SupportRequestMessage
from smscenter.wording import lowerfirst

# Only `SupportRequest.change_state` writes these.
MOVED = frozenset(
    {"state", "decision", "decided_by", "decided", "submitted", "first_answered", "carrier_ticket"}
)
LONGEST_TICKET = 60
# Why people ask for whitelisting.
BLOCKED = lowerfirst(Reason.SPAM.label)
DECISIONS = sorted(state.value for state in State if state.is_decision)


class SupportRequestQuerySet(OwnedQuerySet["SupportRequest"]):
    def for_whitelisting(self) -> Self:
        return self.filter(kind="whitelist", sender__isnull=False)

    def for_reviewer(self, user: User) -> Self:
        """Return what this person can review, across organizations. Only staff can."""
        return self.submitted() if is_reviewer(user) else self.none()

    def submitted(self) -> Self:
        """Return what support can see: everything ever submitted."""
        return self.filter(submitted__isnull=False)

    def about_lead(self, lead: Lead) -> Self:
        """Return requests that texts of this lead are attached to."""
        # Checked for each request: an organization has few, and a lead may have many texts.
        texts = SupportRequestMessage.objects.filter(request=OuterRef("pk"), message__lead=lead)
        rows = self.submitted().filter(Exists(texts), organization=lead.organization_id)
        shown = ["kind", "state", "subject", "created", "sender__label", "sender__phone"]
        return rows.select_related("sender", "created_by").only(*shown, *name_of("created_by"))

    def abandoned(self, before: datetime) -> Self:
        """Return drafts that were never submitted or changed since."""
        return self.filter(state=State.DRAFT, submitted=None, updated__lt=before)

    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def overdue(self, at: datetime | None = None) -> Self:
        return self.filter(targets.overdue(at))

    def unfinished_for(self, user: User) -> Self:
        """Return this person's drafts, and open requests of their organization."""
        own = Q(state=State.DRAFT, created_by=user)
        return self.visible_to(user).filter(own | Q(state__in=OPEN))

    def for_page(self) -> Self:
        """Fetch what the requester's page of one request shows."""
        events = SupportRequestEvent.objects.for_requester().select_related("user")
        # Support still sees those of deleted leads: they are evidence.
        messages = SmsMessage.objects.filter(lead__deletion=None).order_by("-created", "-id")
        rows = self.select_related("sender", "created_by").prefetch_related("evidence")
        rows = rows.prefetch_related(Prefetch("events", events))
        return rows.prefetch_related(Prefetch("messages", messages))

    def for_list(self) -> Self:
        """Fetch what a row of the list shows."""
        return self.select_related("sender", "created_by")

    def for_queue(self) -> Self:
        """Fetch what a row of the review queue shows."""
        return self.select_related("organization", "sender", "assignee")

    def for_review(self) -> Self:
        """Fetch what the review page of one request shows."""
        people = self.select_related("created_by__organization", "assignee", "decided_by")
        return people.select_related("organization", "sender").prefetch_related("evidence")


class SupportRequest(Draft, WhitelistDetails):
    """A request to support: for whitelisting a number, or a question."""

    class Kind(models.TextChoices):
        WHITELIST = "whitelist", "Whitelist request"
        OTHER = "other", "Question"

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.WHITELIST)
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    sender = models.ForeignKey(
        SenderNumber,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="support_requests",
        verbose_name="sender number",
    )
    messages = models.ManyToManyField(
        SmsMessage, through="SupportRequestMessage", blank=True, related_name="support_requests"
    )
    # A question to support, instead of the details.
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField("question", max_length=10_000, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        limit_choices_to={"is_staff": True},
        related_name="assigned_support_requests",
    )
    carrier_ticket = models.CharField(max_length=60, blank=True)
    decision = models.TextField(blank=True, help_text="Reason the requester sees.")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided = models.DateTimeField(null=True, blank=True)
    # When it was first submitted.
    submitted = models.DateTimeField(null=True, blank=True, editable=False)
    # When support first asked, contacted the carrier, or decided.
    first_answered = models.DateTimeField(null=True, blank=True, editable=False)
    created = models.DateTimeField(default=timezone.now)
    updated = models.DateTimeField(auto_now=True)

    objects = SupportRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["id", "organization"], name="request_organization"),
            UniqueConstraint(fields=["organization", "form_token"], name="request_form_token"),
            models.CheckConstraint(
                name="request_kind", condition=Q(kind__in=["whitelist", "other"])
            ),
            models.CheckConstraint(name="request_state", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="request_opted_in", condition=Q(opted_in__in=["", "yes", "no", "unsure"])
            ),
            models.CheckConstraint(
                name="request_decided",
                condition=Q(state__in=DECISIONS, decided__isnull=False)
                | (~Q(state__in=DECISIONS) & Q(decided=None)),
            ),
            models.CheckConstraint(
                name="request_complete",
                condition=~Q(kind="whitelist")
                | Q(state__in=["draft", "withdrawn"])
                | (Q(sender__isnull=False) & WhitelistDetails.is_complete()),
            ),
            models.CheckConstraint(
                name="request_whitelisted", condition=~Q(state="whitelisted") | Q(kind="whitelist")
            ),
            models.CheckConstraint(
                name="request_answered", condition=~Q(state="answered") | Q(kind="other")
            ),
            models.CheckConstraint(
                name="request_question",
                condition=~Q(kind="other")
                | Q(state__in=["draft", "withdrawn"])
                | (~Q(subject="") & ~Q(body="")),
            ),
        ]
        indexes = [
            Index(fields=["organization", "-created", "-id"], name="request_created"),
            Index(fields=["organization", "sender"], name="request_sender"),
            # The review queue looks across organizations, and measures how long requests wait.
            Index(
                fields=["state", "submitted", "id"],
                include=["assignee", "first_answered"],
                name="request_queue",
            ),
            Index(
                fields=["submitted", "id"],
                include=["first_answered", "decided"],
                name="request_submitted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def title(self) -> str:
        """Return the subject of a question, or whose texts are blocked and why."""
        return self.subject or (f"{self.sender.number} · {BLOCKED}" if self.sender else str(self))

    @property
    def turn(self) -> str:
        """Return whose turn it is; empty if it's over."""
        return TURNS.get(self.status, "")

    def get_absolute_url(self) -> str:
        return reverse("request_detail", args=[self.pk])

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save all but the state, because someone may have moved the request meanwhile."""
        if not self._state.adding and kwargs.get("update_fields") is None:
            kwargs["update_fields"] = {
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key and field.name not in MOVED
            }
        super().save(*args, **kwargs)

    @property
    def status(self) -> State:
        return State(self.state)

    @property
    def can_be_withdrawn(self) -> bool:
        return State.WITHDRAWN in MOVES[self.status]

    @property
    def open_question(self) -> str:
        """Return support's question while it's the requester's turn to reply."""
        if self.status is not State.MORE_INFORMATION:
            return ""
        questions = [event.note for event in self.events.all() if event.new == self.state]
        return questions[-1] if questions else ""

    @property
    def has_blocked_texts(self) -> bool:
        """Return whether a spam filter blocked one of its texts, and it wasn't resent since."""
        return any(text.failed and text.reason == Reason.SPAM for text in self.messages.all())

    def message_ids(self) -> set[int]:
        if self._state.adding:
            return set()
        return set(
            SupportRequestMessage.objects.filter(request=self).values_list("message_id", flat=True)
        )

    def attach(self, messages: Iterable[SmsMessage]) -> None:
        """Replace its texts with these."""
        links = [
            SupportRequestMessage(
                organization_id=self.organization_id, request=self, message=message
            )
            for message in messages
        ]
        SupportRequestMessage.objects.filter(request=self).delete()
        SupportRequestMessage.objects.bulk_create(links)

    def missing(self) -> list[str]:
        """Return the names of required details that are still empty."""
        needed = QUESTION if self.kind == self.Kind.OTHER else ("sender", *REQUIRED)
        return [self.name_of(name) for name in needed if not getattr(self, name)]

    @classmethod
    def name_of(cls, field: str) -> str:
        """Return the name of a field, to be used inside a sentence."""
        return str(cls._meta.get_field(field).verbose_name)  # type: ignore[union-attr]

    @property
    def age(self) -> timedelta | None:
        """Return how long ago it was submitted."""
        return timezone.now() - self.submitted if self.submitted else None

    def is_overdue(self, at: datetime | None = None) -> bool:
        """Return whether it waits longer than support's targets."""
        if self.submitted is None or self.status not in targets.RUNNING:
            return False
        waits = (at or timezone.now()) - self.submitted
        return waits > targets.decision() or (
            self.first_answered is None and waits > targets.first_reply()
        )

    @property
    def waits_until(self) -> datetime | None:
        """Return when the next of support's targets ends, or None while it waits for nobody."""
        if self.submitted is None or self.status not in targets.RUNNING:
            return None
        target = targets.first_reply() if self.first_answered is None else targets.decision()
        return self.submitted + target

    def takes_messages(self, at: datetime | None = None) -> bool:
        """Return whether people can still write: it's open, or was decided a few days ago."""
        if self.decided is None:
            return self.status.is_open
        days = timedelta(days=settings.REPLY_EMAIL_DAYS)
        return (at or timezone.now()) < self.decided + days

    def count_first_answer(self) -> None:
        """Record that support wrote, unless it did before."""
        now, rows = timezone.now(), SupportRequest.objects.filter(pk=self.pk, first_answered=None)
        if rows.update(first_answered=now):
            self.first_answered = now

    def lock(self) -> "SupportRequest":
        """Return the row as it is now, locked until the transaction ends."""
        return SupportRequest.objects.select_for_update().get(pk=self.pk)

    def allowed_moves(self) -> frozenset[State]:
        return MOVES[self.status] - {NEVER[self.kind]}

    @transaction.atomic
    def change_state(self, to: State, by: User, note: str = "", ticket: str = "") -> None:
        """Change the state only. `requests.moves.move` also writes history and mail.

        `ticket` is the carrier's number for it. Raise MoveError.
        """
        note, ticket = clean(note), clean(ticket)
        self._check(to, by, note, ticket)
        row = self.lock()
        # Only from the state that was checked, because someone else may have been faster.
        if row.status is not self.status:
            raise MoveError(f"This request is no longer {lower(self.status)}. Reload the page.")
        if to is State.SUBMITTED and (missing := row.missing()):
            raise MoveError(f"Still missing: {', '.join(missing)}.")
        changes = row._changes(to, by, note, ticket)
        SupportRequest.objects.filter(pk=self.pk).update(**changes)
        for name, value in ({name: getattr(row, name) for name in MOVED} | changes).items():
            setattr(self, name, value)

    def _check(self, to: State, by: User, note: str, ticket: str) -> None:
        is_member = by.organization_id == self.organization_id
        check_move(self.status, to, by, is_member=is_member, note=note)
        if to is NEVER[self.kind]:
            raise MoveError(f"A {lowerfirst(self.get_kind_display())} can't be {lower(to)}.")
        if len(ticket) > LONGEST_TICKET:
            raise MoveError(f"Ticket numbers can have up to {LONGEST_TICKET} characters.")

    def _changes(self, to: State, by: User, note: str, ticket: str) -> dict[str, Any]:
        now = timezone.now()
        changes: dict[str, Any] = {"state": to, "updated": now}
        if self.submitted is None and to is State.SUBMITTED:
            changes["submitted"] = now
        if self.first_answered is None and to not in BY_MEMBERS:
            changes["first_answered"] = now
        if to.is_decision:
            changes |= {"decision": note, "decided_by": by, "decided": now}
        if ticket and to is State.SENT_TO_CARRIER:
            changes["carrier_ticket"] = ticket
        return changes

    def change_assignee(self, to: User | None) -> None:
        """Change the assignee, unless someone else did meanwhile. Raise MoveError."""
        if not self.status.is_open:
            raise MoveError(f"This request is {lower(self.status)}, so it can't be assigned.")
        row = SupportRequest.objects.open().filter(pk=self.pk, assignee=self.assignee_id)
        if not row.update(assignee=to, updated=timezone.now()):
            raise MoveError("Someone else changed this request. Reload the page.")
        self.assignee = to
