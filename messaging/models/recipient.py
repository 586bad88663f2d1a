"""What an organization knows about a number: landline or not, and opt-outs."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Prefetch, Q, UniqueConstraint
from django.utils import timezone

from leads.models import e164_constraint
from leads.phones import Phone
from messaging.models.attempt import Attempt
from messaging.models.message import SmsMessage
from messaging.models.reason import Reason
from messaging.models.sender import SenderNumber
from smscenter.accounts.models import Organization, Owned, OwnedQuerySet, User, name_of

NOT_AN_OPT_OUT = "Not an opt-out"


class RecipientQuerySet(OwnedQuerySet["Recipient"]):
    def known(self, organization: Organization, phones: Iterable[str]) -> dict[str, "Recipient"]:
        """Return the known ones of these numbers, with their opt-outs in force, by number."""
        in_force = OptOut.objects.in_force()
        in_force = in_force.with_related("sender__phone", "sender__messaging_service")
        opt_outs = Prefetch("opt_outs", in_force, to_attr="opt_outs_in_force")
        rows = self.filter(organization=organization, phone__in=set(phones))
        rows = rows.with_related("evidence__message", *name_of("capability_by"))
        known = rows.prefetch_related(opt_outs)  # type: ignore[no-redef] # declared for readers
        return {row.phone: row for row in known}

    def known_once(
        self, organization: Organization, phones: Iterable[str]
    ) -> dict[str, "Recipient"]:
        """Return the same, but read each number once for this instance of the organization.

        It's for pages, which show what's known about a number in several places.
        """
        read: dict[str, Recipient | None] = organization.__dict__.setdefault("_recipients", {})
        if unread := set(phones) - read.keys():
            read |= dict.fromkeys(unread) | self.known(organization, unread)
        return {phone: row for phone in phones if (row := read[phone]) is not None}

    def for_phone(self, organization: Organization, phone: str) -> "Recipient":
        """Return the organization's recipient with this number (E.164), creating it if needed."""
        row, _ = self.get_or_create(organization=organization, phone=phone)
        return row

    def for_phones(
        self, organization: Organization, phones: Iterable[str]
    ) -> "dict[str, Recipient]":
        """Lock and return the recipients with these numbers, creating those that are missing."""
        numbers = sorted(set(phones))
        self.bulk_create(
            [self.model(organization=organization, phone=phone) for phone in numbers],
            ignore_conflicts=True,
        )
        rows = self.filter(organization=organization, phone__in=numbers).order_by("pk")
        return {row.phone: row for row in rows.select_for_update(of=("self",))}


class Recipient(Owned):
    class Capability(models.TextChoices):
        UNKNOWN = "unknown", "Unknown"
        NOT_SMS_CAPABLE = "not_sms_capable", Reason.NOT_SMS_CAPABLE.label
        INVALID_NUMBER = "invalid_number", Reason.INVALID_NUMBER.label
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

    capability_note = models.CharField(
        max_length=200, blank=True, default="", db_default="", verbose_name="note"
    )

    objects = RecipientQuerySet.as_manager()

    # Carriers' reports about the number itself.
    CANNOT_RECEIVE = (Capability.NOT_SMS_CAPABLE, Capability.INVALID_NUMBER)

    # Only set on rows from `known()`.
    opt_outs_in_force: "list[OptOut]"

    class Meta:
        constraints = [
            UniqueConstraint(fields=["organization", "phone"], name="recipient_phone"),
            UniqueConstraint(fields=["id", "organization"], name="recipient_organization"),
            e164_constraint("phone", "recipient_e164"),
            models.CheckConstraint(
                name="recipient_capability",
                condition=Q(
                    capability__in=["unknown", "not_sms_capable", "invalid_number", "allowed"]
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.phone

    @property
    def number(self) -> Phone:
        return Phone(self.phone)

    @property
    def forgotten_at(self) -> datetime | None:
        """Return when a carrier's report expires: numbers are ported and get new owners."""
        days = settings.FORGET_LANDLINES_DAYS
        if not days or self.capability_at is None or self.capability not in self.CANNOT_RECEIVE:
            return None
        return self.capability_at + timedelta(days=days)

    @property
    def cannot_receive(self) -> bool:
        """Return whether a carrier reported a landline or a dead number, not too long ago."""
        expires = self.forgotten_at
        is_forgotten = expires is not None and expires <= timezone.now()
        return self.capability in self.CANNOT_RECEIVE and not is_forgotten

    def learn(self, capability: "Recipient.Capability", evidence: Attempt) -> None:
        """Remember a landline or a dead number, which carriers report only after a text."""
        self.capability, self.capability_note = capability, ""
        self.capability_at, self.evidence, self.capability_by = timezone.now(), evidence, None
        self.save()

    @transaction.atomic
    def allow(self, user: User, note: str = "") -> None:
        """Mark the number as textable. The evidence to the contrary stays."""
        self.capability, self.capability_note = self.Capability.ALLOWED, storable(note, 200)
        self.capability_at, self.capability_by = timezone.now(), user
        self.save()


class OptOutQuerySet(OwnedQuerySet["OptOut"]):
    def in_force(self) -> Self:
        return self.filter(ended=None).order_by("-certain", "-created")

    def for_list(self) -> Self:
        """Join what a row of the list shows, in one query."""
        return self.select_related("recipient", "sender", "message__lead", "decided_by")

    def to_review(self) -> Self:
        """Return those that a person has to read, the oldest first."""
        return self.filter(ended=None, certain=False).order_by("created", "id")

    def covering(self, sender: SenderNumber | None) -> Self:
        """Return those that cover texts from this number. See `OptOut.covers`."""
        scope = Q(sender=None, service="")
        if sender is not None:
            scope |= Q(sender=sender)
            if service := sender.messaging_service:
                scope |= Q(service=service) | Q(sender__messaging_service=service)
        return self.filter(scope)

    def refused(self, messages: Iterable[SmsMessage]) -> set[int]:
        """Return the ids of those texts that must not be sent, in one query or two.

        Replies to keywords are sent: the person just asked for them.
        """
        replies = {SmsMessage.Automatic.OPT_OUT, SmsMessage.Automatic.HELP}
        texts = [message for message in messages if message.automatic not in replies]
        rows = self.in_force().filter(
            certain=True,
            recipient__organization__in={text.organization_id for text in texts},
            recipient__phone__in={text.remote_phone for text in texts},
        )
        opt_outs = list(rows.with_related("recipient__phone", "sender__messaging_service"))
        ids = {text.sender_id for text in texts if text.sender_id and opt_outs}
        senders = SenderNumber.objects.in_bulk(ids)
        return {
            text.pk
            for text in texts
            for opt_out in opt_outs
            if opt_out.organization_id == text.organization_id
            and opt_out.recipient.phone == text.remote_phone
            and opt_out.covers(senders.get(text.sender_id or 0))
        }

    def record(  # noqa: PLR0913 - the fields of the row
        self,
        organization: Organization,
        phone: str,
        *,
        source: "OptOut.Source",
        sender: SenderNumber | None = None,
        service: str = "",
        message: SmsMessage | None = None,
        words: str = "",
        certain: bool = True,
        at: datetime | None = None,
        decided_by: User | None = None,
    ) -> "OptOut":
        """Record that the person at this number (E.164) wants no more texts.

        Recorded twice, even at the same moment, it's one row, which keeps its first date. `sender`
        is the number that the person replied to. Without one, it covers the whole organization. Use
        `certain=False` for wording that a person has to read first. Recording it again as certain
        makes it certain. A text that is read again, long after `at`, changes nothing.
        """
        recipient = Recipient.objects.for_phone(organization, phone)
        rows = self.filter(organization=organization, recipient=recipient)
        rows = rows.filter(sender=sender, source=source)
        if at is not None and (known := rows.filter(created=at).first()):
            known.attach(message)
            return known
        opt_out, is_new = rows.get_or_create(
            ended=None,
            defaults={
                "organization": organization,
                "recipient": recipient,
                "sender": sender,
                "source": source,
                "service": service or (sender.messaging_service if sender else ""),
                "message": message,
                "words": storable(words, 200),
                "certain": certain,
                "created": at or timezone.now(),
                "decided_by": decided_by,
                "decided": timezone.now() if decided_by else None,
            },
        )
        opt_out.is_new = is_new
        if certain and not opt_out.certain:
            self.filter(pk=opt_out.pk).update(certain=True)
            opt_out.certain = True
        return opt_out

    def end_by_recipient(
        self,
        organization: Organization,
        phone: str,
        *,
        sender: SenderNumber | None,
        words: str,
        at: datetime | None = None,
    ) -> int:
        """End opt-outs of the person who texted START to `sender`, `at` a time. Return how many.

        This ends opt-outs of this sender, of its service, and of the whole organization, including
        those that staff recorded after a call or a letter, but not those of its other numbers.
        There's no such method for staff, on purpose.
        """
        rows = self.covering(sender).filter(organization=organization, recipient__phone=phone)
        return rows.filter(created__lte=at or timezone.now()).end(words)

    def end(self, words: str) -> int:
        """End those of these opt-outs that are in force. Return how many."""
        rows = self.filter(ended=None)
        return rows.update(ended=timezone.now(), ended_by=storable(words, 120))


class OptOut(Owned):
    """A person's request for no more texts. Only the person's START or new consent ends it.

    It covers the number that the person replied to: someone who sends STOP to the sales number
    still gets appointment reminders from another one, unless both are in one messaging service of
    the carrier. Other organizations are never affected. An opt-out without a sender covers the
    whole organization.
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
    service = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        verbose_name="messaging service",
        help_text="The carrier's messaging service, all numbers of which it covers.",
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

    decided = models.DateTimeField(
        null=True, blank=True, help_text="When someone read the text and decided."
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = OptOutQuerySet.as_manager()

    # Whether `record` added it.
    is_new = False

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
        indexes = [
            models.Index(fields=["recipient"], name="opt_out_recipient"),
            models.Index(
                fields=["organization", "created"],
                condition=Q(ended=None, certain=False),
                name="opt_out_to_review",
            ),
            models.Index(fields=["organization", "created"], name="opt_out_created"),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} ({self.get_source_display()})"

    def covers(self, sender: SenderNumber | None) -> bool:
        """Return whether it covers texts from this number: `covering` for one row."""
        if sender is None or self.covers_all:
            return self.covers_all
        services = {self.service, self.sender.messaging_service if self.sender else ""}
        return self.sender_id == sender.pk or sender.messaging_service in services - {""}

    @property
    def covers_all(self) -> bool:
        """Return whether it covers the whole organization."""
        return self.sender_id is None and not self.service

    @property
    def scope(self) -> str:
        """Return which of the organization's numbers it covers, for people."""
        if self.service or (self.sender and self.sender.messaging_service):
            return "all numbers of a messaging service"
        return str(self.sender.number) if self.sender else "your whole organization"

    def attach(self, message: SmsMessage | None) -> None:
        """Keep the text as evidence, if it got a lead only now."""
        if message is not None and self.message_id is None:
            OptOut.objects.filter(pk=self.pk, message=None).update(message=message)

    def decide(self, user: User, *, is_opt_out: bool) -> bool:
        """Record what a person decided about an uncertain one. Return False if it was decided."""
        now = timezone.now()
        fields = {"decided": now, "decided_by": user, "certain": is_opt_out}
        if not is_opt_out:
            fields |= {"ended": now, "ended_by": NOT_AN_OPT_OUT}
        undecided = OptOut.objects.to_review().filter(pk=self.pk)
        return undecided.update(**fields) == 1


def storable(text: str, longest: int) -> str:
    """Return the text without NUL, which PostgreSQL can't store and a phone may send."""
    return text.replace("\0", "")[:longest]
