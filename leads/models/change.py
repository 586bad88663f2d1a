"""Changes of leads that the timeline shows, and changes of many leads at once."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Index, Q, UniqueConstraint
from django.utils import timezone

from leads.models.lead import Lead
from leads.models.merge import LeadMerge
from smscenter.accounts.models import MadeByForm, Owned, OwnedQuerySet, User, name_of, once

UNDO = timedelta(days=1)


class BulkChangeQuerySet(OwnedQuerySet["BulkChange"]):
    def in_work(self) -> Self:
        """Return those that a worker has to do something for."""
        return self.filter(state__in=BulkChange.IN_WORK)

    def for_page(self) -> Self:
        return self.select_related("created_by", "organization").defer("selection")


class BulkChange(MadeByForm):
    """A change of many leads or texts. `selection` has the ids of the rows, frozen."""

    class Kind(models.TextChoices):
        OWNER = "owner", "Assign"
        STATUS = "status", "Change status"
        HANDLED = "handled", "Mark failures as handled"

    class Model(models.TextChoices):
        LEAD = "lead", "Leads"
        MESSAGE = "message", "Messages"

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        UNDOING = "undoing", "Undoing"
        UNDONE = "undone", "Undone"
        # Its person or value is gone.
        STOPPED = "stopped", "Stopped"

    IN_WORK = (State.RUNNING, State.UNDOING)

    kind = models.CharField(max_length=7, choices=Kind.choices)
    model = models.CharField(max_length=7, choices=Model.choices, default=Model.LEAD)
    # The ID of the new owner or status; empty for no owner.
    value = models.BigIntegerField(null=True, blank=True)
    label = models.CharField(max_length=160, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    selection = models.JSONField(default=list, help_text="IDs of the leads or texts.")
    total = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0, help_text="How many were looked at.")
    changed = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=7, choices=State.choices, default=State.RUNNING)
    created = models.DateTimeField(default=timezone.now)

    objects = BulkChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["id", "organization"], name="bulk_change_organization"),
            once("bulk_change_form_token"),
            models.CheckConstraint(
                name="bulk_change_kind", condition=Q(kind__in=["owner", "status", "handled"])
            ),
            models.CheckConstraint(
                name="bulk_change_model", condition=Q(model__in=["lead", "message"])
            ),
            models.CheckConstraint(
                name="bulk_change_state",
                condition=Q(state__in=["running", "done", "undoing", "undone", "stopped"]),
            ),
        ]
        indexes = [
            Index(
                fields=["id"],
                condition=Q(state__in=["running", "undoing"]),
                name="bulk_change_in_work",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.total}"

    @property
    def summary(self) -> str:
        """Return what it does or did: `42 leads assigned to Dana Reyes.`"""
        number, noun = self.changed, "lead" if self.kind != self.Kind.HANDLED else "failed text"
        rows = f"{number:,} {noun}{'' if number == 1 else 's'}"
        if self.state == self.State.UNDONE:
            return f"Undone. {rows} changed back."
        if not number and not self.is_in_work:
            return "Nothing to change."
        match self.kind:
            case self.Kind.OWNER:
                return f"{rows} assigned to {self.label}." if self.label else f"{rows} unassigned."
            case self.Kind.STATUS:
                return f"{rows} changed to {self.label}."
        return f"{rows} marked as handled."

    @property
    def is_in_work(self) -> bool:
        return self.state in self.IN_WORK

    def can_be_undone_by(self, user: User, at: datetime | None = None) -> bool:
        is_theirs = user.pk == self.created_by_id or user.has_perm("leads.undo_others_changes")
        is_recent = (at or timezone.now()) < self.created + UNDO
        return is_theirs and is_recent and self.state == self.State.DONE and self.changed > 0


class LeadChangeQuerySet(OwnedQuerySet["LeadChange"]):
    def for_timeline(self) -> Self:
        merge = [f"merge__{name}" for name in ("source", "created", "undone")]
        return self.with_related(*merge, *name_of("user", "merge__undone_by"))

    def record(self, lead: Lead, before: "dict[str, Any]", user: User) -> None:
        """Record what someone changed: `before` has the former owner and status."""
        for field, old in before.items():
            new = getattr(lead, field)
            if old != new:
                LeadChange.of(lead, field, old, new, user=user).save()


class LeadChange(Owned):
    """What happened to a lead, for its timeline: another owner or status, merged, deleted."""

    class Field(models.TextChoices):
        OWNER = "owner", "Owner"
        STATUS = "status", "Status"
        MERGED = "merged", "Merged"
        DELETED = "deleted", "Deleted"
        RESTORED = "restored", "Restored"

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, db_index=False, related_name="changes")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    bulk = models.ForeignKey(
        BulkChange, on_delete=models.SET_NULL, null=True, blank=True, related_name="changes"
    )
    merge = models.ForeignKey(
        LeadMerge, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    field = models.CharField(max_length=8, choices=Field.choices)
    # As they were named then.
    old = models.CharField(max_length=255, blank=True)
    new = models.CharField(max_length=255, blank=True)
    old_id = models.BigIntegerField(null=True, blank=True)
    new_id = models.BigIntegerField(null=True, blank=True)
    created = models.DateTimeField(default=timezone.now)
    undone = models.DateTimeField(null=True, blank=True)

    objects = LeadChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="lead_change_field",
                condition=Q(field__in=["owner", "status", "merged", "deleted", "restored"]),
            )
        ]
        indexes = [Index(fields=["lead", "-created", "-id"], name="lead_change_created")]

    def __str__(self) -> str:
        return f"{self.get_field_display()} of {self.lead_id}"

    @classmethod
    def of(  # noqa: PLR0913 - the fields of the row
        cls,
        lead: Lead,
        field: str,
        old: Any,
        new: Any,
        *,
        user: User,
        bulk: BulkChange | None = None,
    ) -> Self:
        """Return an unsaved row for another owner or status."""
        return cls(
            organization_id=lead.organization_id,
            lead=lead,
            user=user,
            bulk=bulk,
            field=field,
            old_id=old and old.pk,
            new_id=new and new.pk,
            old=str(old or ""),
            new=str(new or ""),
        )
