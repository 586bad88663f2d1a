from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q, UniqueConstraint
from django.urls import reverse

from leads.models import e164_constraint
from leads.phones import Phone
from messaging.models.registration import DailyCapped, Registered, RegistrationStatus
from smscenter.accounts.models import Owned, OwnedQuerySet, User


class SenderNumberQuerySet(OwnedQuerySet["SenderNumber"]):
    def usable_by(self, user: User) -> Self:
        """Return active numbers that this user can send from, their own before shared ones."""
        return (
            self.visible_to(user)
            .filter(Q(owner=None) | Q(owner=user), active=True)
            .order_by(models.F("owner").asc(nulls_last=True), "id")
        )


class SenderNumber(Registered, DailyCapped, Owned):
    """One of the organization's numbers, at one carrier."""

    phone = models.CharField(max_length=16)
    carrier = models.CharField(max_length=20)
    account = models.CharField(
        max_length=20,
        blank=True,
        default="",
        db_default="",
        help_text="The carrier's account that the number belongs to.",
    )
    label = models.CharField(max_length=60, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="sender_numbers",
        help_text="Leave empty to share it with the organization.",
    )
    messaging_service = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="The carrier's ID of the service that the number is in, if any. "
        "An opt-out covers all numbers of a service.",
    )
    active = models.BooleanField(default=True)
    rate = models.PositiveSmallIntegerField(default=10, help_text="Texts per second.")

    objects = SenderNumberQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["carrier", "phone"], name="sender_number"),
            UniqueConstraint(fields=["id", "organization"], name="sender_organization"),
            e164_constraint("phone", "sender_number_e164"),
            models.CheckConstraint(name="sender_rate", condition=Q(rate__gt=0)),
            models.CheckConstraint(
                name="sender_daily_cap", condition=Q(daily_cap=None) | Q(daily_cap__gt=0)
            ),
            *(
                models.CheckConstraint(
                    name=f"sender_{name}",
                    condition=Q((f"{name}__in", RegistrationStatus.values)),
                )
                for name in ("brand_status", "campaign_status", "verification_status")
            ),
            # Preflight and old versions of the software read `registered`.
            models.CheckConstraint(name="sender_registered", condition=Registered.in_step()),
        ]
        indexes = [models.Index(fields=["organization", "active"], name="sender_active")]

    def __str__(self) -> str:
        return f"{self.label} {self.number}".strip()

    def get_absolute_url(self) -> str:
        return reverse("sender_detail", args=[self.pk])

    @property
    def number(self) -> Phone:
        return Phone(self.phone)
