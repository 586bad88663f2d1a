"""The audit log. Database triggers refuse to change its rows, or to delete them before their time.
The one exception: what a record says is blanked when a person's data is erased.

Records name their people and organization without foreign keys of the database, because they stay
when those are deleted.
"""

from typing import Any, NamedTuple, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import DO_NOTHING, ForeignKey, Index, Value
from django.db.models.functions import Concat
from django.utils import timezone

from search.answering.queryset import Searchable
from smscenter import request_id
from smscenter.accounts.models import Organization, OwnedQuerySet, User
from smscenter.accounts.roles import role_may

PERMISSION = "audit.view_auditrecord"
# Follows the name, as in `records_*.sql` of the migrations.
ERASED = ": erased on request"


def may_read(user: Any) -> bool:
    """Return whether someone may read the audit log: owners, and administrators."""
    if not isinstance(user, User):
        return False
    # Members' roles need no query, and most pages ask.
    return role_may(user, PERMISSION) or (user.is_staff and user.has_perm(PERMISSION))


class AuditRecordQuerySet(Searchable, OwnedQuerySet["AuditRecord"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return the records of an owner's organization; administrators see all."""
        if not may_read(user):
            return self.none()
        is_member = getattr(user, "organization_id", None)
        return super().visible_to(user) if is_member else self.all()

    def erase(self, rows: "models.QuerySet[AuditRecord]") -> int:
        """Blank what these records say about a person, the only change that triggers allow.

        They allow it once the log has a later record with the action `erased`.
        """
        summary = Concat("actor_name", Value(ERASED))
        return rows.exclude(summary=summary).update(summary=summary, changes=[], note="")


class Change(NamedTuple):
    """A value before and after, as people read it."""

    label: str
    before: str
    after: str


class AuditRecord(models.Model):
    """Something that someone did: who, what, when, and from where. Written by `record`, once.

    `summary` is a sentence that begins with `actor_name`. `kind` and `object_id` name the row whose
    page shows what it was about, such as the lead of a changed contact.
    """

    organization = models.ForeignKey(
        Organization, DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    actor: ForeignKey[Any, Any] = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    actor_name = models.CharField("user", max_length=160)
    action = models.CharField(max_length=40)
    kind = models.CharField("object", max_length=40, blank=True)
    object_id = models.BigIntegerField(null=True)
    summary = models.CharField(max_length=1_000)
    changes = models.JSONField(default=list, help_text="Labels, with the values before and after.")
    note = models.CharField(max_length=1_000, blank=True)
    address = models.CharField(max_length=39, blank=True)
    device = models.CharField(max_length=60, blank=True)
    request_id = models.CharField(max_length=request_id.LONGEST, blank=True)
    created = models.DateTimeField(default=timezone.now)

    objects = AuditRecordQuerySet.as_manager()

    class Meta:
        verbose_name = "audit record"
        # Each ends with the order of the list, so that a page reads one short range of an index.
        indexes = [
            Index(fields=["organization", "-created", "-id"], name="audit_organization"),
            Index(fields=["organization", "actor", "-created", "-id"], name="audit_actor"),
            Index(fields=["organization", "action", "-created", "-id"], name="audit_action"),
            Index(
                fields=["organization", "kind", "object_id", "-created", "-id"], name="audit_object"
            ),
            Index(fields=["-created", "-id"], name="audit_created"),
        ]

    def __str__(self) -> str:
        return self.summary

    @property
    def what(self) -> str:
        """Return the sentence without the name that it begins with."""
        return self.summary.removeprefix(self.actor_name).strip()

    @property
    def changed(self) -> list[Change]:
        return [Change(*each) for each in self.changes]


class AuditDeletion(models.Model):
    """The time before which records can be deleted. It has a row only during a deletion."""

    before = models.DateTimeField()

    def __str__(self) -> str:
        return f"Before {self.before}"
