"""How a sender number is registered with carriers, and how many texts they take from it a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q

# US carriers count a day's texts from midnight to midnight there.
CARRIERS_ZONE = ZoneInfo("America/Los_Angeles")
# A minute later, because their clocks and ours may differ.
DAY_BEGINS = time(0, 1)


class RegistrationStatus(models.TextChoices):
    """How far carriers are, in the words that TCR and toll-free verification share."""

    NOT_SUBMITTED = "not_submitted", "Not submitted"
    IN_REVIEW = "in_review", "In review"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    SUSPENDED = "suspended", "Suspended"

    @property
    def tone(self) -> Literal["good", "warning"]:
        return "good" if self is RegistrationStatus.APPROVED else "warning"


@dataclass(frozen=True)
class Part:
    """One thing that has to be approved: a brand, a campaign, or a verification."""

    name: str
    id: str
    status: RegistrationStatus

    def __str__(self) -> str:
        return f"{self.status.label}, {self.id}" if self.id else str(self.status.label)


def _status() -> Any:
    return models.CharField(
        max_length=13,
        choices=RegistrationStatus.choices,
        default=RegistrationStatus.NOT_SUBMITTED,
        db_default=RegistrationStatus.NOT_SUBMITTED,
    )


def _id(help_text: str) -> Any:
    return models.CharField(
        max_length=40, blank=True, default="", db_default="", help_text=help_text
    )


class Registered(models.Model):
    """A number whose registration decides whether carriers may block its texts.

    `registered` follows from the statuses. Where the kind isn't recorded, staff set it by hand.
    """

    class Kind(models.TextChoices):
        TEN_DLC = "10dlc", "10DLC"
        TOLL_FREE = "toll_free", "Toll-free"
        SHORT_CODE = "short_code", "Short code"

    registration = models.CharField(
        max_length=10,
        choices=Kind.choices,
        blank=True,
        default="",
        db_default="",
        help_text="Leave empty if you don't know the details.",
    )
    registered = models.BooleanField(
        default=False,
        help_text="With a registration, this is set automatically when everything is approved.",
    )
    brand_id = _id("From The Campaign Registry, such as BXXXXXX.")
    brand_status = _status()
    campaign_id = _id("From The Campaign Registry, such as CXXXXXX.")
    campaign_status = _status()
    verification_id = _id("ID of the toll-free verification, or of the short code's program.")
    verification_status = _status()
    registration_note = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="Shown to members, such as why it was rejected.",
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.follow_registration()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        self.follow_registration()

    @classmethod
    def in_step(cls) -> Q:
        """Return the condition that `registered` is what the statuses say."""
        kinds, approved = cls.Kind, RegistrationStatus.APPROVED
        campaign = Q(registration=kinds.TEN_DLC, brand_status=approved, campaign_status=approved)
        verified = Q(
            registration__in=[kinds.TOLL_FREE, kinds.SHORT_CODE], verification_status=approved
        )
        done = campaign | verified
        return Q(registration="") | Q(done, registered=True) | Q(~done, registered=False)

    def follow_registration(self) -> None:
        """Set `registered` if the kind of registration is recorded."""
        if self.registration:
            self.registered = not self.missing

    @property
    def parts(self) -> list[Part]:
        """Return what has to be approved for this kind of registration."""
        return list(self._parts())

    def _parts(self) -> Iterator[Part]:
        status = RegistrationStatus
        if self.registration == self.Kind.TEN_DLC:
            yield Part("Brand", self.brand_id, status(self.brand_status))
            yield Part("Campaign", self.campaign_id, status(self.campaign_status))
        elif self.registration == self.Kind.TOLL_FREE:
            yield Part("Verification", self.verification_id, status(self.verification_status))
        elif self.registration == self.Kind.SHORT_CODE:
            yield Part("Program", self.verification_id, status(self.verification_status))

    @property
    def missing(self) -> Part | None:
        """Return the first part that isn't approved: a campaign needs an approved brand."""
        unapproved = (p for p in self.parts if p.status is not RegistrationStatus.APPROVED)
        return next(unapproved, None)

    @property
    def registration_label(self) -> str:
        """Return `10DLC registered`, `10DLC campaign in review`, or `Not registered`."""
        kind = f"{self.get_registration_display()} " if self.registration else ""
        if missing := self.missing:
            return f"{kind}{missing.name.lower()} {missing.status.label.lower()}"
        words = f"{kind}{'registered' if self.registered else 'not registered'}"
        return words[:1].upper() + words[1:]


class DailyCapped(models.Model):
    """A number from which carriers take only so many texts a day.

    The worker counts here while it has the row locked, so that no text has to be counted.
    """

    daily_cap = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Texts per day, from midnight to midnight Pacific. Leave empty for no limit. "
        "Texts over the limit wait for the next day.",
    )
    cap_day = models.DateField(null=True, blank=True, editable=False)
    cap_used = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    next_send_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def used_today(self, at: datetime) -> int:
        """Return how many texts carriers got from it today. Only counted with a cap."""
        return self.cap_used if self.cap_day == _day(at).date() else 0

    def room_today(self, at: datetime) -> int | None:
        """Return how many texts carriers still take today, or None without a cap."""
        if self.daily_cap is None:
            return None
        return max(0, self.daily_cap - self.used_today(at))

    def day_start(self, at: datetime) -> datetime:
        """Return when the carriers' day began."""
        return _day(at)

    def next_day(self, at: datetime) -> datetime:
        """Return when the carriers' next day begins."""
        return _next_day(at)

    def count_today(self, texts: int, at: datetime) -> None:
        """Count texts that go to the carrier now.

        The caller has locked the row, and stores `cap_day` and `cap_used`.
        """
        if self.daily_cap is None:
            return
        self.cap_used = self.used_today(at) + texts
        self.cap_day = _day(at).date()

    @staticmethod
    def below_cap(at: datetime) -> Q:
        """Return the condition that carriers still take texts today."""
        today = _day(at).date()
        return Q(daily_cap=None) | ~Q(cap_day=today) | Q(cap_used__lt=F("daily_cap"))

    def capped_until(self, at: datetime) -> datetime | None:
        """Return when the next text can go out, or None if that's today."""
        return _next_day(at) if self.room_today(at) == 0 else None


def _day(at: datetime) -> datetime:
    """Return the start of the carriers' day at this time."""
    here = at.astimezone(CARRIERS_ZONE)
    date = here.date() if here.time() >= DAY_BEGINS else here.date() - timedelta(days=1)
    return datetime.combine(date, DAY_BEGINS, CARRIERS_ZONE)


def _next_day(at: datetime) -> datetime:
    return datetime.combine(_day(at).date() + timedelta(days=1), DAY_BEGINS, CARRIERS_ZONE)
