"""What an organization knows about a number: landline or not, opt-outs, and consent."""

from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q, UniqueConstraint
from django.utils import timezone

from leads.models import e164_constraint
from messaging.models.attempt import Attempt
from messaging.models.message import SmsMessage
from messaging.models.reason import Reason
from messaging.models.sender import SenderNumber
from smscenter.accounts.models import Organization, Owned, OwnedQuerySet, User


class RecipientQuerySet(OwnedQuerySet["Recipient"]):
    def known(self, organization: Organization, phones: Iterable[str]) -> dict[str, "Recipient"]:
        """Return the known ones of these numbers, with their opt-outs in force, by number."""
        in_force = Prefetch("opt_outs", OptOut.objects.in_force(), to_attr="opt_outs_in_force")
        rows = self.filter(organization=organization, phone__in=set(phones))
        known = rows.prefetch_related(in_force)  # type: ignore[no-redef] # declared for readers
        return {row.phone: row for row in known}

    def for_phone(self, organization: Organization, phone: str) -> "Recipient":
        """Return the organization's recipient with this number (E.164), creating it if needed."""
        row, _ = self.get_or_create(organization=organization, phone=phone)
        return row


class Recipient(Owned):
    class Capability(models.TextChoices):
        UNKNOWN = "unknown", "Unknown"
        NOT_SMS_CAPABLE = "not_sms_capable", Reason.NOT_SMS_CAPABLE.label
        # Set by a person who contradicts the carrier. A later failure resets it.
        ALLOWED = "allowed", "Marked as textable"

    phone = models.CharField(max_length=16)
    capability = models.CharField(
        max_length=16, choices=Capability.choices, default=Capability.UNKNOWN
    )
    capability_at = models.DateTimeField(null=True, blank=True)
    evidence = models.ForeignKey(
        Attempt, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    capability_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = RecipientQuerySet.as_manager()

    # Only set on rows from `known()`.
    opt_outs_in_force: "list[OptOut]"

    class Meta:
        constraints = [
            UniqueConstraint(fields=["organization", "phone"], name="recipient_phone"),
            UniqueConstraint(fields=["id", "organization"], name="recipient_organization"),
            e164_constraint("phone", "recipient_e164"),
            models.CheckConstraint(
                name="recipient_capability",
                condition=Q(capability__in=["unknown", "not_sms_capable", "allowed"]),
            ),
        ]

    def __str__(self) -> str:
        return self.phone

    @property
    def cannot_receive(self) -> bool:
        return self.capability == self.Capability.NOT_SMS_CAPABLE

    def learn_not_capable(self, evidence: Attempt) -> None:
        """Remember a landline, which carriers report only after a text was sent."""
        self.capability = self.Capability.NOT_SMS_CAPABLE
        self.capability_at, self.evidence, self.capability_by = timezone.now(), evidence, None
        self.save()

    def allow(self, user: User) -> None:
        """Mark the number as textable."""
        self.capability = self.Capability.ALLOWED
        self.capability_at, self.capability_by = timezone.now(), user
        self.save()


class OptOutQuerySet(OwnedQuerySet["OptOut"]):
    def in_force(self) -> Self:
        return self.filter(ended=None).order_by("-certain", "-created")

    def record(  # noqa: PLR0913 - the fields of the row
        self,
        organization: Organization,
        phone: str,
        *,
        source: "OptOut.Source",
        sender: SenderNumber | None = None,
        message: SmsMessage | None = None,
        words: str = "",
        certain: bool = True,
    ) -> "OptOut":
        """Record that the person at this number (E.164) wants no more texts.

        Recorded twice, even at the same moment, it's one row, which keeps its first date. `sender`
        is the number that the person replied to. Without one, it covers the whole organization. Use
        `certain=False` for wording that a person has to read first. Recording it again as certain
        makes it certain.
        """
        opt_out, _ = self.get_or_create(
            organization=organization,
            recipient=Recipient.objects.for_phone(organization, phone),
            sender=sender,
            source=source,
            ended=None,
            defaults={"message": message, "words": _storable(words, 200), "certain": certain},
        )
        if certain and not opt_out.certain:
            self.filter(pk=opt_out.pk).update(certain=True)
            opt_out.certain = True
        return opt_out

    def end_by_recipient(
        self, organization: Organization, phone: str, *, sender: SenderNumber | None, words: str
    ) -> int:
        """End opt-outs of the person who texted START to `sender`. Return how many.

        This ends opt-outs of this sender and of the whole organization, including those that staff
        recorded after a call or a letter, but not those of its other numbers. There's no such
        method for staff, on purpose.
        """
        scope = Q(sender=sender) | Q(sender=None)
        rows = self.filter(scope, organization=organization, recipient__phone=phone)
        return rows.end(words)

    def end(self, words: str) -> int:
        """End those of these opt-outs that are in force. Return how many."""
        rows = self.filter(ended=None)
        return rows.update(ended=timezone.now(), ended_by=_storable(words, 120))


class OptOut(Owned):
    """A person's request for no more texts. Only the person's START or new consent ends it.

    It covers the number that the person replied to: someone who sends STOP to the sales number
    still gets appointment reminders from another one. Other organizations are never affected. An
    opt-out without a sender covers the whole organization.
    """

    class Source(models.TextChoices):
        KEYWORD = "keyword", "Replied with a keyword"
        WORDING = "wording", "Opted out in their own words"
        CARRIER = "carrier", "Reported by the carrier"
        STAFF = "staff", "Recorded by staff"

    recipient = models.ForeignKey(
        Recipient, on_delete=models.CASCADE, db_index=False, related_name="opt_outs"
    )
    sender = models.ForeignKey(
        SenderNumber,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Leave empty if the opt-out covers the whole organization.",
    )
    source = models.CharField(max_length=10, choices=Source.choices)
    certain = models.BooleanField(default=True, help_text="Off until someone has reviewed it.")
    message = models.ForeignKey(
        SmsMessage, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    words = models.CharField(max_length=200, blank=True)
    created = models.DateTimeField(default=timezone.now)
    ended = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(
        max_length=120, blank=True, help_text="Keyword or consent that ended it."
    )

    objects = OptOutQuerySet.as_manager()

    class Meta:
        verbose_name = "opt-out"
        constraints = [
            UniqueConstraint(
                fields=["recipient", "sender", "source"],
                condition=Q(ended=None, sender__isnull=False),
                name="opt_out_once_a_sender",
            ),
            UniqueConstraint(
                fields=["recipient", "source"],
                condition=Q(ended=None, sender=None),
                name="opt_out_once",
            ),
            models.CheckConstraint(
                name="opt_out_source",
                condition=Q(source__in=["keyword", "wording", "carrier", "staff"]),
            ),
        ]
        indexes = [models.Index(fields=["recipient"], name="opt_out_recipient")]

    def __str__(self) -> str:
        return f"{self.recipient} ({self.get_source_display()})"

    def covers(self, sender: SenderNumber) -> bool:
        return self.sender_id is None or self.sender_id == sender.pk


class ConsentQuerySet(OwnedQuerySet["Consent"]):
    def record(  # noqa: PLR0913 - the fields of the row
        self,
        organization: Organization,
        phone: str,
        *,
        method: str,
        wording: str,
        recorded_by: User | None = None,
        page: str = "",
    ) -> "Consent":
        """Record new consent as evidence, and end the person's opt-outs of this organization."""
        recipient = Recipient.objects.for_phone(organization, phone)
        consent = self.create(
            organization=organization,
            recipient=recipient,
            method=method,
            wording=wording,
            page=page,
            recorded_by=recorded_by,
        )
        recipient.opt_outs.end(f"New consent: {method}")
        return consent


class Consent(Owned):
    """A person's agreement to be texted, as evidence: who, when, how, the wording, the page."""

    recipient = models.ForeignKey(
        Recipient, on_delete=models.CASCADE, db_index=False, related_name="consents"
    )
    given = models.DateTimeField(default=timezone.now)
    method = models.CharField(max_length=120)
    wording = models.TextField(blank=True)
    page = models.URLField(blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ConsentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["recipient"], name="consent_recipient")]

    def __str__(self) -> str:
        return f"{self.recipient} ({self.method})"


def _storable(text: str, longest: int) -> str:
    """Return the text without NUL, which PostgreSQL can't store and a phone may send."""
    return text.replace("\0", "")[:longest]
