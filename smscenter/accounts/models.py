"""Who uses the installation: organizations, and the people who work in them."""

import zoneinfo
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Q, Value
from django.db.models.functions import Cast, Lower
from django.utils import timezone

from smscenter.accounts.time_zones import time_zone_names
from smscenter.mail_queue import QueuedMail, QueuedMailQuerySet
from smscenter.registry import Registry


def validate_time_zone(name: str) -> None:
    """Refuse a name that is not in the time zone database."""
    if name not in time_zone_names():
        raise ValidationError("“%(name)s” isn't a time zone.", params={"name": name})


def default_regions() -> list[str]:
    """ISO 3166 codes of the countries that can be texted: the US and Canada."""
    return ["US", "CA"]


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def being_deleted(self) -> Self:
        """Return those that an owner asked to delete."""
        return self.filter(deletion_requested__isnull=False)


class Organization(models.Model):
    class QuietHours(models.TextChoices):
        WARN = "warn", "Warn before sending"
        HOLD = "hold", "Hold texts until it's allowed"
        REFUSE = "refuse", "Don't send"

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    time_zone = models.CharField(
        max_length=40, default="America/New_York", validators=[validate_time_zone]
    )
    regions = models.JSONField(
        default=default_regions, help_text="Countries you can text, as ISO 3166 codes."
    )
    unknown_senders_become_leads = models.BooleanField(
        default=True,
        help_text="Create a lead when an unknown number texts you.",
    )
    help_reply = models.CharField(
        max_length=320,
        blank=True,
        default="",
        db_default="",
        help_text="Reply to HELP. Leave empty for your name and how to opt out.",
    )
    opt_out_reply = models.CharField(
        max_length=320,
        blank=True,
        default="",
        db_default="",
        help_text="Confirms an opt-out if the carrier doesn't. Leave empty for a standard text.",
    )
    quiet_hours = models.CharField(
        max_length=6,
        choices=QuietHours.choices,
        default=QuietHours.WARN,
        db_default=QuietHours.WARN,
        help_text="What to do when it's before 8 AM or after 9 PM where the recipient is.",
    )
    requires_second_factor = models.BooleanField(
        "require two-step verification",
        default=False,
        db_default=False,
        help_text="Members without it must set it up before they can go on.",
    )
    support_can_view_as = models.BooleanField(
        "support can view as members",
        default=True,
        db_default=True,
        help_text="Support staff can see what a member sees, read-only, for up to an hour. "
        "The audit log shows who, why, and which pages.",
    )
    # Shorter than the installation's limits, or None for those (session_limits.py).
    sign_out_idle_minutes = models.PositiveIntegerField("sign out when idle", null=True, blank=True)
    sign_out_after_hours = models.PositiveIntegerField("sign out after", null=True, blank=True)

    # When the checklist on the home page was finished or dismissed.
    first_steps_closed = models.DateTimeField(null=True, editable=False)

    # When an owner asked to delete it, and whether owners were reminded
    # (smscenter/accounts/organizations/deletion.py).
    deletion_requested = models.DateTimeField(null=True, blank=True, editable=False)
    deletion_requested_by = models.CharField(
        max_length=160, blank=True, default="", db_default="", editable=False
    )
    deletion_reminded = models.BooleanField(default=False, db_default=False, editable=False)

    DELETED_AFTER = timedelta(days=30)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        indexes = [
            models.Index(
                fields=["deletion_requested"],
                condition=Q(deletion_requested__isnull=False),
                name="organization_being_deleted",
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="organization_quiet_hours",
                condition=Q(quiet_hours__in=["warn", "hold", "refuse"]),
            ),
            models.CheckConstraint(
                name="organization_session_limits",
                condition=(Q(sign_out_idle_minutes=None) | Q(sign_out_idle_minutes__gte=5))
                & (Q(sign_out_after_hours=None) | Q(sign_out_after_hours__gte=1)),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def deletes_at(self) -> datetime | None:
        """Return when it's deleted, if an owner asked for it."""
        return self.deletion_requested and self.deletion_requested + self.DELETED_AFTER


class User(AbstractUser):
    class Role(models.TextChoices):
        READ_ONLY = "read_only", "Read-only"
        REP = "rep", "Sales rep"
        MANAGER = "manager", "Manager"
        OWNER = "owner", "Owner"

    class Theme(models.TextChoices):
        SYSTEM = "system", "System"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="members"
    )
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.REP)
    time_zone = models.CharField(
        max_length=40,
        blank=True,
        validators=[validate_time_zone],
        help_text="Leave empty to use the organization's.",
    )
    theme = models.CharField(
        max_length=6, choices=Theme.choices, default=Theme.SYSTEM, db_default=Theme.SYSTEM
    )
    # Whether support staff view as this user, during one request (view_as/middleware.py).
    is_viewed = False
    # When a manager removed the user from the organization. The name stays on what they wrote.
    removed = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                name="user_member_or_staff",
                condition=Q(organization__isnull=False) | Q(is_staff=True),
                violation_error_message="Choose an organization, or make the user staff.",
            ),
            models.CheckConstraint(
                name="user_role", condition=Q(role__in=["read_only", "rep", "manager", "owner"])
            ),
            models.CheckConstraint(
                name="user_theme", condition=Q(theme__in=["system", "light", "dark"])
            ),
        ]

    def __str__(self) -> str:
        return shown_name(self.username, self.first_name, self.last_name)

    @property
    def is_manager(self) -> bool:
        """Return whether the user manages the organization, as its owners do too."""
        return self.role in MANAGING_ROLES

    @property
    def is_read_only(self) -> bool:
        """Return whether the user may only look, as read-only members may.

        So may all members of an organization that's going to be deleted.
        """
        if self.organization is None:
            return False
        return self.role == self.Role.READ_ONLY or self.organization.deletes_at is not None

    @property
    def must_have_second_factor(self) -> bool:
        if self.is_staff:
            return bool(settings.STAFF_SECOND_FACTOR)
        return self.organization is not None and self.organization.requires_second_factor

    def colleagues(self) -> models.QuerySet["User"]:
        """Return the active members of the user's organization, including the user."""
        return active_members(self.organization_id) if self.organization_id else User.objects.none()

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Return the time zone in which this user reads and writes times."""
        name = self.time_zone or (self.organization.time_zone if self.organization else "UTC")
        return zoneinfo.ZoneInfo(name)


def active_members(organization: int) -> models.QuerySet[User]:
    """Return the active members of an organization, in the order of menus."""
    members = User.objects.filter(organization=organization, is_active=True)
    return members.order_by("first_name", "last_name", "id")


def shown_name(username: str, first_name: str, last_name: str) -> str:
    """Return what a user is called, also in lists, which read the columns of `name_of`."""
    return f"{first_name} {last_name}".strip() or username


def name_of(*relations: str) -> list[str]:
    """Return the columns that name a row's users, for `with_related` and `only`."""
    columns = ("username", "first_name", "last_name")
    return [f"{relation}__{column}" for relation in relations for column in columns]


MANAGING_ROLES = (User.Role.MANAGER, User.Role.OWNER)

_Row = TypeVar("_Row", bound=models.Model)


def _key(number: int) -> Any:
    """Return an ID as a literal that PostgreSQL uses every index for.

    It reads a small number as an int, but the index on (organization, words) needs a bigint.
    """
    if connection.vendor == "postgresql":
        return Cast(Value(number), models.BigIntegerField())
    return number


# What nobody can see, such as all rows of deleted leads. Each returns the condition for the rows of
# a model and an organization, or None.
hidden_rows: Registry[Callable[[type[models.Model], Any], Q | None]] = Registry()


class OwnedQuerySet(models.QuerySet[_Row]):
    """Rows that belong to an organization. Every view starts from `visible_to`."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return the rows that this user can see. Users without an organization see none."""
        organization = getattr(user, "organization_id", None)
        return self.visible_in(organization) if organization else self.none()

    def visible_in(self, organization: int) -> Self:
        """Return the rows of an organization that its members can see."""
        rows = self.stored_in(organization)
        for condition in hidden_rows:
            if (hidden := condition(self.model, _key(organization))) is not None:
                rows = rows.exclude(hidden)
        return rows

    def with_related(self, *columns: str) -> Self:
        """Join related rows, and load only these of their columns: `lead__name`."""
        own = [field.name for field in self.model._meta.concrete_fields]
        relations = {column.rpartition("__")[0] for column in columns}
        return self.select_related(*relations).only(*own, *columns)

    def stored_in(self, organization: int) -> Self:
        """Return all rows of an organization, for administrators: also what nobody can see."""
        return self.filter(organization_id=_key(organization))


class Owned(models.Model):
    """A row that belongs to one organization, which leads every index of its table."""

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, db_index=False, related_name="+"
    )

    class Meta:
        abstract = True


class MadeByForm(Owned):
    """A row that a form creates once, even if a browser posts the form twice.

    Subclasses have the constraint `once("name")`.
    """

    form_token = models.UUIDField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


def once(name: str) -> models.UniqueConstraint:
    """Return the constraint that a form of an organization creates one row."""
    return models.UniqueConstraint(
        name=name,
        fields=["organization", "form_token"],
        condition=Q(form_token__isnull=False),
    )


class AccountMailQuerySet(QueuedMailQuerySet["AccountMail"]):
    def number_since(self, to: str, kind: str, since: datetime) -> int:
        return self.filter(to=to, kind=kind, created__gte=since).count()


class AccountMail(QueuedMail):
    """An email about an account: an invitation, a link for a new password, a changed password."""

    kind = models.CharField(max_length=40)

    objects = AccountMailQuerySet.as_manager()

    class Meta(QueuedMail.Meta):
        indexes = [
            models.Index(fields=["to", "created"], name="accountmail_to"),
            *QueuedMail.Meta.indexes,
        ]


class InvitationQuerySet(OwnedQuerySet["Invitation"]):
    def pending(self) -> Self:
        return self.filter(accepted=None, withdrawn=None)


class Invitation(Owned):
    """Invite somebody to an organization by email. Its link works once, until it expires."""

    DAYS = 7

    email = models.EmailField()
    role = models.CharField(max_length=10, choices=User.Role.choices, default=User.Role.REP)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField(default=timezone.now)
    # The link names this time, so that sending it again ends the former one.
    sent = models.DateTimeField(default=timezone.now)
    accepted = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    withdrawn = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="invitation_role",
                condition=Q(role__in=["read_only", "rep", "manager", "owner"]),
            ),
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                name="invitation_pending",
                condition=Q(accepted=None, withdrawn=None),
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def expires(self) -> datetime:
        return self.sent + timedelta(days=self.DAYS)

    def is_open(self, at: datetime | None = None) -> bool:
        """Return whether its link still works."""
        done = self.accepted or self.withdrawn
        return done is None and (at or timezone.now()) < self.expires
