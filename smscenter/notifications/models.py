from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Index, Q, UniqueConstraint
from django.utils import timezone

from smscenter.accounts.models import Owned, OwnedQuerySet, User
from smscenter.mail_queue import QueuedMail, QueuedMailQuerySet
from smscenter.notifications.kinds import Kind, MailChoice, kinds, kinds_for


class NotificationQuerySet(OwnedQuerySet["Notification"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return the user's own, except for those from an organization or a role that they left."""
        if not isinstance(user, User):
            return self.none()
        names = [kind.name for kind in kinds_for(user)]
        return self.of(user.pk, user.organization_id, names)

    def of(self, user: int, organization: int | None, kind_names: Iterable[str]) -> Self:
        rows = self.filter(user=user, kind__in=kind_names)
        return rows.filter(organization=organization) if organization else rows

    def in_app(self) -> Self:
        return self.filter(in_app=True)

    def unread(self) -> Self:
        return self.in_app().filter(read=None)

    def newest_first(self) -> Self:
        return self.order_by("-created", "-id")

    def about(self, kind: str, subject: int) -> Self:
        return self.filter(kind=kind, subject=subject)

    def mark_read(self) -> int:
        """Mark these as read, so that they aren't mailed either. Writes only if there are any."""
        rows = self.filter(read=None)
        if not rows.exists():
            return 0
        return rows.update(read=timezone.now(), mail="", mail_due=None)


class Notification(Owned):
    """That something happened that concerns a person. The kind says in words what it was.

    `subject` is the ID of the row that it's about, or 0 if there were too many. What can happen to
    that row again has another `occurrence`. Those at the same `place`, such as one lead, are
    shown as one.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="notifications",
    )
    kind = models.CharField(max_length=20)
    subject = models.PositiveBigIntegerField()
    occurrence = models.PositiveIntegerField(default=1)
    place = models.CharField(max_length=40)
    created = models.DateTimeField(default=timezone.now)
    read = models.DateTimeField(null=True, blank=True)
    in_app = models.BooleanField(default=True)
    mail = models.CharField(max_length=6, choices=MailChoice.choices, blank=True, default="")
    mail_due = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["user", "kind", "subject", "occurrence"], name="notification_once"
            ),
            models.CheckConstraint(
                name="notification_mail", condition=Q(mail__in=["", "each", "digest", "none"])
            ),
        ]
        indexes = [
            Index(fields=["user", "-created", "-id"], name="notification_user"),
            Index(
                fields=["user", "-created", "-id"],
                condition=Q(read__isnull=True, in_app=True),
                name="notification_unread",
            ),
            # For pages that mark as read what they show.
            Index(
                fields=["user", "place"],
                condition=Q(read__isnull=True),
                name="notification_place",
            ),
            Index(
                fields=["mail_due"],
                condition=Q(mail_due__isnull=False),
                name="notification_mail_due",
            ),
            Index(fields=["created"], name="notification_created"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} for {self.user}"

    @property
    def is_unread(self) -> bool:
        return self.read is None


class PreferenceQuerySet(models.QuerySet["Preference"]):
    def by_kind(self, user: User) -> "dict[str, Preference]":
        """Return what a person chose for each kind that has settings, or else the default."""
        chosen = {row.kind: row for row in self.filter(user=user)}
        return {
            kind.name: chosen.get(kind.name) or Preference.default(kind)
            for kind in kinds_for(user)
            if not kind.settings_of
        }


class Preference(models.Model):
    """How a person wants to be notified of a kind. Without a row, the kind's defaults apply."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="notification_preferences",
    )
    kind = models.CharField(max_length=20)
    in_app = models.BooleanField(default=True)
    mail = models.CharField(max_length=6, choices=MailChoice.choices)
    desktop = models.BooleanField(default=False)

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["user", "kind"], name="preference_once"),
            models.CheckConstraint(
                name="preference_mail", condition=Q(mail__in=["each", "digest", "none"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user}"

    @classmethod
    def default(cls, kind: Kind) -> "Preference":
        own = kinds.by_key[kind.settings_name]
        return cls(kind=own.name, in_app=True, mail=own.mail, desktop=own.desktop)

    @property
    def is_off(self) -> bool:
        return not self.in_app and self.mail == MailChoice.NONE


class NotificationMailQuerySet(QueuedMailQuerySet["NotificationMail"]):
    def number_since(self, user: User, since: datetime) -> int:
        return self.filter(user=user, created__gte=since).count()


class NotificationMail(QueuedMail):
    """An email to a person about one or more notifications."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+"
    )

    objects = NotificationMailQuerySet.as_manager()

    class Meta(QueuedMail.Meta):
        indexes = [
            Index(fields=["user", "created"], name="notificationmail_user"),
            *QueuedMail.Meta.indexes,
        ]
