from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Index, Q, UniqueConstraint
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from leads.models.vocabulary import LeadStatus
from search.answering.paging import Steps
from search.answering.queryset import Searchable
from smscenter.accounts.models import MadeByForm, OwnedQuerySet, name_of, once
from smscenter.rendering.row_urls import row_url

MANY_SMS = 100
# Written by database triggers only. The squashed migrations of leads and messaging name the files.
ROLLUPS = frozenset(
    {
        "sms_count",
        "sent_sms_count",
        "received_sms_count",
        "failed_sms_count",
        "has_many_sms",
        "latest_sms_status",
        "latest_sms_at",
        "latest_sms_id",
        "latest_sms_failed",
        "first_sms_at",
        "last_sms_at",
        "last_note_at",
        "last_activity_at",
        "contact_count",
        "phone_count",
        "email_count",
        "address_count",
        "note_count",
    }
)


class LeadQuerySet(Searchable, OwnedQuerySet["Lead"]):
    def for_page(self) -> Self:
        """Load what the head of the lead page shows, in one query."""
        return self.with_related(*name_of("owner")).select_related("organization", "status")


# Each text changes its lead's activity, and then PostgreSQL writes to all indexes that have the
# lead. So those of orders leave out what most leads have.
CONTACT_STEPS = Steps("contact_count", common=[1])
FAILED_STEPS = Steps("failed_sms_count", common=[0])


class Lead(MadeByForm):
    class LatestSms(models.TextChoices):
        """Return the status of the latest outgoing text that was queued."""

        NONE = "", "No SMS sent"
        OUTBOX = "outbox", "Sending"
        SENT = "sent", "Sent"
        ERROR = "error", "Error"

    name = models.CharField(max_length=255)
    status = models.ForeignKey(
        LeadStatus, on_delete=models.PROTECT, db_index=False, related_name="leads"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="owned_leads",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    url = models.URLField("website", blank=True)
    description = models.TextField(blank=True)
    # What the lead is called in the system that it was imported from.
    external_id = models.CharField(
        "external ID", max_length=100, blank=True, default="", db_default=""
    )
    custom = models.JSONField(default=dict, blank=True)
    created = models.DateTimeField(default=timezone.now)
    updated = models.DateTimeField(auto_now=True)

    sms_count = models.PositiveIntegerField(default=0, editable=False)
    sent_sms_count = models.PositiveIntegerField(default=0, editable=False)
    received_sms_count = models.PositiveIntegerField(default=0, editable=False)
    failed_sms_count = models.PositiveIntegerField(default=0, editable=False)
    # Whether it has more than MANY_SMS. For an index of few leads, which an ordinary text doesn't
    # write, as it would one that names a count.
    has_many_sms = models.BooleanField(default=False, db_default=False, editable=False)
    latest_sms_status = models.CharField(
        max_length=10, choices=LatestSms.choices, default="", blank=True, editable=False
    )
    latest_sms_at = models.DateTimeField(null=True, editable=False)
    latest_sms_id = models.BigIntegerField(null=True, editable=False)
    # For an index. PostgreSQL writes to all indexes of a lead if a column changes that an index or
    # its condition names, and the status of the latest text does with each text that's sent.
    latest_sms_failed = models.GeneratedField(
        expression=Q(latest_sms_status="error"),  # type: ignore[arg-type]
        output_field=models.BooleanField(),
        db_persist=True,
    )
    first_sms_at = models.DateTimeField(null=True, editable=False)
    last_sms_at = models.DateTimeField(null=True, editable=False)
    last_note_at = models.DateTimeField(null=True, editable=False)
    # Not positive: rows that are deleted while a migration counts them make it negative until then.
    contact_count = models.IntegerField(default=0, db_default=0, editable=False)
    phone_count = models.IntegerField(default=0, db_default=0, editable=False)
    email_count = models.IntegerField(default=0, db_default=0, editable=False)
    address_count = models.IntegerField(default=0, db_default=0, editable=False)
    note_count = models.IntegerField(default=0, db_default=0, editable=False)
    last_activity_at = models.GeneratedField(
        expression=Greatest(
            F("created"), Coalesce("last_note_at", "created"), Coalesce("last_sms_at", "created")
        ),
        output_field=models.DateTimeField(),
        db_persist=True,
    )

    objects = LeadQuerySet.as_manager()

    ORDER_STEPS: ClassVar = {steps.column: steps for steps in (CONTACT_STEPS, FAILED_STEPS)}

    class Meta:
        constraints = [
            UniqueConstraint(fields=["id", "organization"], name="lead_organization"),
            once("lead_form_token"),
            models.CheckConstraint(name="lead_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="lead_latest_sms_status",
                condition=Q(latest_sms_status__in=["", "outbox", "sent", "error"]),
            ),
        ]
        # Each begins with the organization and ends with the order of the list, so that a page of
        # any of these lists reads one short range of an index. One by the latest text is made by a
        # migration: `squashed/indexes_postgresql.sql`.
        indexes = [
            Index(fields=["organization", "-last_activity_at", "-id"], name="lead_activity"),
            Index(
                fields=["organization", "-last_activity_at", "-id"],
                include=["failed_sms_count"],
                condition=Q(failed_sms_count__gt=0),
                name="lead_failed",
            ),
            Index(
                fields=["organization", "-last_activity_at", "-id"],
                condition=Q(latest_sms_failed=True),
                name="lead_latest_error",
            ),
            Index(
                fields=["organization", "-last_activity_at", "-id"],
                condition=Q(sms_count=0),
                name="lead_no_sms",
            ),
            Index(
                fields=["organization", "status", "-last_activity_at", "-id"],
                name="lead_status_activity",
            ),
            Index(
                fields=["organization", "owner", "-last_activity_at", "-id"],
                name="lead_owner_activity",
            ),
            Index(
                fields=["organization", "id"],
                condition=Q(has_many_sms=True),
                name="lead_many_sms",
            ),
            Index(fields=["organization", "created", "id"], name="lead_created_order"),
            Index(
                fields=["organization", "-contact_count", "-id"],
                condition=CONTACT_STEPS.rare,
                name="lead_contacts_order",
            ),
            Index(fields=["organization", "name", "id"], name="lead_name_order"),
            Index(
                fields=["organization", "-failed_sms_count", "-id"],
                condition=FAILED_STEPS.rare,
                name="lead_failed_order",
            ),
            Index(
                fields=["organization", "external_id"],
                condition=~Q(external_id=""),
                name="lead_external_id",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return row_url("lead_detail", self.pk)

    @property
    def edit_url(self) -> str:
        return row_url("lead_edit", self.pk)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Don't write the rollups: triggers keep them, and this instance may be outdated."""
        if not self._state.adding and kwargs.get("update_fields") is None:
            kwargs["update_fields"] = {
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key and field.name not in ROLLUPS
            }
        super().save(*args, **kwargs)
