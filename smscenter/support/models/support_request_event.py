from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Index, Q
from django.utils import timezone

from smscenter.accounts.models import Owned, OwnedQuerySet, User
from smscenter.support.models.states import BY_MEMBERS, State

# The kinds that are messages between the requester and support, if they have words.
WRITTEN = frozenset({"move", "comment", "reply"})


class SupportRequestEventQuerySet(OwnedQuerySet["SupportRequestEvent"]):
    def for_requester(self) -> Self:
        """Leave out internal events."""
        return self.filter(internal=False)

    def repeated(self, by: User, note: str, *, internal: bool) -> "SupportRequestEvent | None":
        """Return the latest event if this person just wrote this note: a second click."""
        latest = self.filter(internal=internal).last()
        return latest if latest and (latest.user, latest.note) == (by, note) else None


class SupportRequestEvent(Owned):
    """An entry in the history of a request: what happened, when, and by whom. Never rewritten."""

    class Kind(models.TextChoices):
        MOVE = "move", "Status change"
        COMMENT = "comment", "Comment by requester"
        REPLY = "reply", "Reply by support"
        NOTE = "note", "Note"
        MAIL = "mail", "Email"
        ASSIGNMENT = "assignment", "Assignment"
        EDIT = "edit", "Edited by requester"

    request = models.ForeignKey(
        "support.SupportRequest", on_delete=models.CASCADE, db_index=False, related_name="events"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.MOVE)
    internal = models.BooleanField(default=False, help_text="Visible to support staff only.")
    # The states of a move; empty for everything else.
    old = models.CharField(max_length=20, choices=State.choices, blank=True)
    new = models.CharField(max_length=20, choices=State.choices, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    note = models.TextField(blank=True)
    created = models.DateTimeField(default=timezone.now)

    objects = SupportRequestEventQuerySet.as_manager()

    class Meta:
        ordering = ["created", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["id", "organization"], name="request_event_organization"
            ),
            models.CheckConstraint(
                name="request_event_kind",
                condition=Q(
                    kind__in=["move", "comment", "reply", "note", "mail", "assignment", "edit"]
                ),
            ),
            models.CheckConstraint(
                name="request_event_states",
                condition=Q(kind="move", old__in=State.values, new__in=State.values)
                | (~Q(kind="move") & Q(old="", new="")),
            ),
            # The requester sees each change of state, and what support and the requester write.
            models.CheckConstraint(
                name="request_event_internal",
                condition=Q(internal=False) | ~Q(kind__in=["move", "comment", "reply"]),
            ),
        ]
        indexes = [Index(fields=["request", "created", "id"], name="request_event_created")]

    def __str__(self) -> str:
        if self.kind == self.Kind.MOVE:
            return f"{self.get_old_display()} → {self.get_new_display()}"
        return self.get_kind_display()

    @property
    def is_from_support(self) -> bool:
        """Return whether support did this, not the requester."""
        if self.kind == self.Kind.MOVE:
            return self.new not in BY_MEMBERS
        return self.kind not in {self.Kind.COMMENT, self.Kind.EDIT}

    @property
    def is_internal_note(self) -> bool:
        return self.internal and self.kind == self.Kind.NOTE

    @property
    def is_written(self) -> bool:
        """Return whether a person wrote this to the other side."""
        return bool(self.note) and self.kind in WRITTEN
