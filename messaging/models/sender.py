from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q, UniqueConstraint
from django.db.models.functions import Length, Lower, Upper
from django.db.models.lookups import Exact, GreaterThan, LessThan
from django.urls import reverse

from leads import phones
from leads.phones import Phone
from messaging.models import sender_id
from messaging.models.registration import DailyCapped, Registered, RegistrationStatus
from messaging.models.sender_id import SenderKind
from smscenter.accounts.models import Owned, OwnedQuerySet, User

REGISTERED_KINDS: dict[str, SenderKind] = {
    Registered.Kind.TEN_DLC: SenderKind.LOCAL,
    Registered.Kind.TOLL_FREE: SenderKind.TOLL_FREE,
    Registered.Kind.SHORT_CODE: SenderKind.SHORT_CODE,
}


class SenderNumberQuerySet(OwnedQuerySet["SenderNumber"]):
    def usable_by(self, user: User) -> Self:
        """Return active numbers that this user can send from, their own before shared ones."""
        return (
            self.visible_to(user)
            .without_ended_trial()
            .filter(Q(owner=None) | Q(owner=user), active=True)
            .order_by(models.F("owner").asc(nulls_last=True), "id")
        )

    def own(self) -> Self:
        """Return numbers that belong to an organization: all but the trial's."""
        return self.filter(trial=False)

    def without_ended_trial(self) -> Self:
        """Leave out the trial's number of an organization that has its own."""
        own = SenderNumber.objects.own().filter(organization=OuterRef("organization"))
        return self.filter(Q(trial=False) | ~Exists(own))


# How many texts an organization can send in a day before it has a number of its own.
TRIAL_TEXTS = 50


class SenderNumber(Registered, DailyCapped, Owned):
    """One of the organization's numbers, at one carrier.

    `phone` is in E.164, or a short code, or a name: see `kind`.
    """

    phone = models.CharField(
        max_length=16, help_text="A phone number in any format, a short code, or a name."
    )
    country = models.CharField(
        max_length=2,
        choices=[(code, phones.country_name(code)) for code in sender_id.SHORT_CODE_COUNTRIES],
        blank=True,
        default="",
        db_default="",
        help_text="Only for a short code: the country whose phones it can text.",
    )
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
        "Texts are sent through it, and an opt-out covers all its numbers.",
    )
    active = models.BooleanField(default=True)
    # The installation's TRIAL_SENDER, which several organizations have a row for.
    trial = models.BooleanField(default=False, db_default=False, editable=False)
    rate = models.PositiveSmallIntegerField(default=10, help_text="Texts per second.")

    objects = SenderNumberQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["carrier", "phone"], condition=Q(trial=False), name="sender_number"
            ),
            UniqueConstraint(
                fields=["organization", "carrier", "phone"],
                condition=Q(trial=True),
                name="sender_trial",
            ),
            # The worker never exceeds a number's daily cap.
            models.CheckConstraint(
                name="sender_trial_cap",
                condition=Q(trial=False)
                | Q(daily_cap__isnull=False, daily_cap__lte=TRIAL_TEXTS, owner=None),
            ),
            UniqueConstraint(fields=["id", "organization"], name="sender_organization"),
            models.CheckConstraint(
                name="sender_number_form",
                condition=Q(phone__startswith="+", country="")
                | Q(
                    Q(country__in=sender_id.SHORT_CODE_COUNTRIES),
                    GreaterThan(Length("phone"), 4),
                    LessThan(Length("phone"), 7),
                )
                # A name has a letter.
                | (Q(country="") & ~Q(Exact(Lower("phone"), Upper("phone")))),
            ),
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

    def clean(self) -> None:
        """Refuse what doesn't fit the kind of sender."""
        super().clean()
        if not self.phone:
            return
        if not self.trial and self._is_taken():
            raise ValidationError({"phone": "This number is already set up."})
        kind = self.kind
        if kind == SenderKind.SHORT_CODE and not self.country:
            raise ValidationError({"country": "Choose the short code's country."})
        if kind != SenderKind.SHORT_CODE and self.country:
            raise ValidationError({"country": "Only a short code has a country."})
        right = REGISTERED_KINDS.get(self.registration)
        if right and right != kind:
            message = f"Choose this registration only for a {right.label.lower()}."
            raise ValidationError({"registration": message})

    def _is_taken(self) -> bool:
        """Return whether another organization has the number, or the installation as its trial's.

        Django doesn't check constraints with a condition on a field that the form doesn't have.
        """
        if (self.carrier, self.phone) == (settings.TRIAL_SENDER or ("", "", ""))[::2]:
            return True
        others = SenderNumber.objects.own().exclude(pk=self.pk)
        return others.filter(carrier=self.carrier, phone=self.phone).exists()

    @property
    def kind(self) -> SenderKind:
        return sender_id.kind_of(self.phone)

    @property
    def number(self) -> str:
        """Return the number as people write it."""
        return sender_id.formatted(self.phone)

    @property
    def kind_label(self) -> str:
        """Return `Local number`, or `Short code, United States`."""
        country = f", {self.get_country_display()}" if self.country else ""
        return f"{self.kind.label}{country}"

    @property
    def takes_replies(self) -> bool:
        return self.kind != SenderKind.NAME

    def can_text(self, phone: Phone) -> bool:
        """Return whether carriers where this phone is take texts from this kind of sender."""
        if self.kind == SenderKind.SHORT_CODE:
            return phone.is_in({self.country})
        return self.kind != SenderKind.NAME or not phone.is_in(sender_id.WITHOUT_NAMES)
