from datetime import datetime, timedelta
from typing import Any, ClassVar, Self, TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Prefetch, Q, Subquery, UniqueConstraint
from django.db.models.functions import JSONObject
from django.utils import timezone

from leads.models import Contact, Lead
from leads.phones import Phone
from messaging.models import media
from messaging.models.attempt import Attempt
from messaging.models.marks import marks
from messaging.models.media import ListedFile, Media
from messaging.models.message_indexes import INDEXES, SEGMENT_STEPS
from messaging.models.reason import Reason, Step
from messaging.models.receipt import Receipt as CarrierReceipt
from messaging.models.replacement import Replacement
from messaging.models.sender import SenderNumber
from messaging.models.template import MessageTemplate
from search.answering.queryset import Searchable
from smscenter.accounts.models import Owned, OwnedQuerySet, User, name_of, once
from smscenter.rendering.row_urls import row_url

# Older texts are probably out of date, so nobody should resend them without a look.
RECENT = timedelta(hours=72)
OLD = "Older than 72 hours. Check that it's still true."
SENDER_IN_TIMELINE = [
    f"sender__{name}"
    for name in ("organization", "phone", "label", "daily_cap", "cap_day", "cap_used")
]
SENDS_AGAIN = (Step.TRY_AGAIN, Step.EDIT_AND_RESEND, Step.CHANGE_SENDER, Step.SEND_IN_MORNING)

MOST_CODES = 250  # characters


class SmsMessageQuerySet(Searchable, OwnedQuerySet["SmsMessage"]):
    def failed(self) -> Self:
        return self.filter(status=SmsMessage.Status.ERROR)

    def lock_leads(self) -> None:
        """Lock the leads of these messages, all in the same order.

        Triggers lock a message's lead. A transaction that writes messages of several leads calls
        this before, or two of them could wait for each other.
        """
        leads = Lead.objects.filter(pk__in=self.values("lead")).order_by("pk")
        list(leads.select_for_update(no_key=True).values_list("pk"))

    def for_page(self) -> Self:
        """Prefetch what the page of a text shows."""
        rows = self.for_timeline().defer(None)  # all columns of one sender number, not of many
        return rows.select_related("lead__organization").prefetch_related("events")

    def for_timeline(self) -> Self:
        """Read what a row of the timeline shows, in a fixed number of queries."""
        return self.for_rows().prefetch_related(*prefetched_in_timeline())

    def for_rows(self) -> Self:
        """Read the same except for `prefetched_in_timeline`."""
        people = name_of("user", "handled_by")
        rows = self.with_related("contact__name", *people, *SENDER_IN_TIMELINE)
        # One query less than a prefetch, because few texts have one.
        replacements = SmsMessage.objects.filter(replaces=OuterRef("pk")).order_by("-pk")
        fields = {name: name for name in ("id", "remote_phone", "status", "reason")}
        return rows.annotate(
            replaced_by=Subquery(replacements.values(row=JSONObject(**fields))[:1])
        )


def prefetched_in_timeline(lead: Lead | None = None) -> list["str | Prefetch[Any]"]:
    """Return what to prefetch for the timeline: of a lead's texts, only marks that may exist."""
    possible = [mark for mark in marks if lead is None or mark.may_exist(lead)]
    return ["attempts", *(mark.prefetch() for mark in possible)]


class SmsMessage(Owned):
    """A text, sent or received. `status` is what we know, `receipt` what the carrier reports."""

    class Direction(models.TextChoices):
        OUTGOING = "outgoing", "Outgoing"
        INCOMING = "incoming", "Incoming"

    class Status(models.TextChoices):
        INBOX = "inbox", "Received"
        DRAFT = "draft", "Draft"
        SCHEDULED = "scheduled", "Scheduled"
        OUTBOX = "outbox", "Sending"
        SENT = "sent", "Sent"
        ERROR = "error", "Error"

    class Automatic(models.TextChoices):
        """Texts that nobody wrote: replies to keywords, and codes that verify phones."""

        NONE = "", "Not automatic"
        OPT_OUT = "opt_out", "Opt-out confirmation"
        HELP = "help", "Reply to HELP"
        CODE = "code", "Verification code"

    Receipt: TypeAlias = CarrierReceipt

    lead = models.ForeignKey(
        Lead, on_delete=models.CASCADE, db_index=False, related_name="messages"
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="messages"
    )
    sender = models.ForeignKey(
        SenderNumber,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    template = models.ForeignKey(
        MessageTemplate, models.SET_NULL, null=True, blank=True, db_index=False, related_name="+"
    )
    direction = models.CharField(max_length=8, choices=Direction.choices)
    status = models.CharField(max_length=10, choices=Status.choices)
    text = models.TextField(help_text="As typed or received.")
    sent_text = models.TextField(blank=True, help_text="As sent to the carrier.")
    remote_phone = models.CharField(max_length=16)
    local_phone = models.CharField(max_length=16, blank=True)
    segments = models.PositiveSmallIntegerField(default=1)
    encoding = models.CharField(max_length=5, default="GSM-7")
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    # NULL takes no space, and most texts never failed.
    codes = models.CharField(  # noqa: DJ001
        max_length=MOST_CODES,
        null=True,
        blank=True,
        editable=False,
        help_text="Carriers' error codes of its attempts, one per line.",
    )
    receipt = models.CharField(max_length=10, choices=Receipt.choices, blank=True, default="")
    automatic = models.CharField(
        max_length=10, choices=Automatic.choices, blank=True, default="", db_default=""
    )
    media = models.JSONField(
        null=True,
        blank=True,
        help_text="Files that came with it, or the picture to send.",
    )
    # The failed text that this one was sent instead of, such as to a corrected number.
    replaces = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="replacements",
    )
    # Who took care of a failed text, so that it no longer needs attention.
    handled = models.DateTimeField(null=True, blank=True, editable=False)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="+",
    )
    # The form that created it, so that a second click on Send doesn't create a second text.
    form_token = models.UUIDField(null=True, blank=True)
    created = models.DateTimeField(default=timezone.now)
    scheduled = models.DateTimeField(null=True, blank=True)
    sent = models.DateTimeField(null=True, blank=True)
    updated = models.DateTimeField(auto_now=True)

    # Set by `for_timeline`.
    replaced_by: dict[str, Any] | None = None

    objects = SmsMessageQuerySet.as_manager()

    ORDER_STEPS: ClassVar = {SEGMENT_STEPS.column: SEGMENT_STEPS}

    class Meta:
        verbose_name = "SMS"
        verbose_name_plural = "SMS"
        constraints = [
            UniqueConstraint(fields=["id", "organization"], name="sms_organization"),
            once("sms_form_token"),
            models.CheckConstraint(
                name="sms_direction_status",
                condition=Q(direction="incoming", status="inbox")
                | Q(
                    direction="outgoing",
                    status__in=["draft", "scheduled", "outbox", "sent", "error"],
                ),
            ),
            models.CheckConstraint(name="sms_reason", condition=Q(reason__in=["", *Reason.values])),
            models.CheckConstraint(
                name="sms_error_has_reason", condition=~Q(status="error") | ~Q(reason="")
            ),
            models.CheckConstraint(
                name="sms_receipt", condition=Q(receipt__in=["", "accepted", "delivered", "failed"])
            ),
            models.CheckConstraint(
                name="sms_automatic", condition=Q(automatic__in=["", "opt_out", "help", "code"])
            ),
            models.CheckConstraint(
                name="sms_encoding", condition=Q(encoding__in=["GSM-7", "UCS-2"])
            ),
        ]
        indexes = INDEXES

    def __str__(self) -> str:
        return f"{self.get_direction_display()} SMS {self.pk}"

    def get_absolute_url(self) -> str:
        return row_url("message_detail", self.pk)

    @property
    def failed(self) -> bool:
        return self.status == self.Status.ERROR

    @property
    def is_erased(self) -> bool:
        """Return whether the person's data was erased: what it said, and the number."""
        return not self.remote_phone

    @property
    def is_incoming(self) -> bool:
        return self.direction == self.Direction.INCOMING

    @property
    def summary(self) -> str:
        """Return the text, or what came without one."""
        return media.summarize(self.text, self.media)

    @property
    def run(self) -> str:
        """Return what consecutive texts share that are shown as one group: people, and hour."""
        hour = timezone.localtime(self.created).hour
        return f"{self.direction}-{self.user_id}-{self.automatic}-{self.remote_phone}-{hour}"

    @property
    def picture(self) -> Media | None:
        """Return the picture that's sent with it."""
        return self.media[0] if self.media and not self.is_incoming else None

    @property
    def listed_files(self) -> list[ListedFile]:
        return [ListedFile(n, each) for n, each in enumerate(self.media or [])]

    @property
    def why(self) -> Reason:
        """Return the reason of a failed text, or of its last failed attempt during a retry."""
        failed = None if self.reason else self.failed_attempt
        return Reason(self.reason or (failed and failed.reason) or Reason.UNKNOWN)

    @property
    def number(self) -> Phone:
        return Phone(self.remote_phone)

    @property
    def read_attempts(self) -> list[Attempt]:
        """Return the attempts. Django copies a query set for each look at those it prefetched."""
        prefetched = getattr(self, "_prefetched_objects_cache", {}).get("attempts")
        return list(self.attempts.all() if prefetched is None else prefetched)

    @property
    def latest_attempt(self) -> Attempt | None:
        """Return the last of the prefetched attempts, which are in order."""
        attempts = self.read_attempts
        return attempts[-1] if attempts else None

    @property
    def failed_attempt(self) -> Attempt | None:
        """Return the last failed attempt: the evidence, also while a retry waits or is sent."""
        failed = [each for each in self.read_attempts if each.state == each.State.FAILED]
        return failed[-1] if failed else None

    @property
    def retry(self) -> Attempt | None:
        """Return the automatic retry that hasn't started."""
        latest = self.latest_attempt
        return latest if latest and latest.is_waiting_retry(timezone.now()) else None

    @property
    def replacement(self) -> Replacement | None:
        """Return the last text that was sent instead of this one, if `for_timeline` read it."""
        if not self.failed or not self.replaced_by:
            return None
        label = self.Status(self.replaced_by["status"]).label
        return Replacement(**self.replaced_by, label=str(label))

    def codes_with(self, code: str) -> str | None:
        """Return its codes and that of a new failure. If there are too many, the oldest go."""
        codes = self.codes.split("\n") if self.codes else []
        if code and code not in codes:
            codes.append(code)
        while len("\n".join(codes)) > MOST_CODES:
            del codes[0]
        return "\n".join(codes) or None

    @property
    def best_step(self) -> Step | None:
        """Return the step that's offered next to the label, unless someone took care of it."""
        steps = () if self.handled or self.retry else self.next_steps
        return steps[0] if steps else None

    def mark_handled(self, user: User | None) -> None:
        """Record who took care of this failed text, or with None that it needs attention again."""
        now = timezone.now()
        self.handled, self.handled_by = (now, user) if user else (None, None)
        SmsMessage.objects.filter(pk=self.pk).update(
            handled=self.handled, handled_by=user, updated=now
        )

    def capped_until(self, at: datetime | None = None) -> datetime | None:
        """Return when it goes out, if its sender number's daily cap holds it until then."""
        attempt = self.latest_attempt
        if self.sender is None or attempt is None or attempt.state != attempt.State.QUEUED:
            return None
        return self.sender.capped_until(at or timezone.now())

    @property
    def next_steps(self) -> tuple[Step, ...]:
        """Return the next steps, without those that send the text again while a retry waits."""
        steps = self.why.advice.steps
        return tuple(step for step in steps if step not in SENDS_AGAIN) if self.retry else steps

    @property
    def version(self) -> str:
        """Return a string that changes whenever the label does."""
        attempt = self.latest_attempt
        number, state = (attempt.number, attempt.state) if attempt else (0, "")
        due_at = self.retry.due if self.retry else self.capped_until()
        due = f"{due_at:%Y%m%d%H%M}" if due_at else ""
        if self.status == self.Status.SCHEDULED:
            due = self.updated.isoformat()  # an edit changes the text or the time
        handled = "handled" if self.handled else ""
        after = self.replacement.status if self.replacement else handled
        return f"{self.status}.{self.receipt}.{self.reason}.{number}.{state}.{due}.{after}"

    def is_recent(self, at: datetime | None = None) -> bool:
        """Return whether the text is probably not out of date."""
        return self.created > (at or timezone.now()) - RECENT

    def is_pending(self, at: datetime | None = None) -> bool:
        """Return whether its label may change or a reply may come soon, so that pages poll."""
        now = at or timezone.now()
        if self.replacement and self.handled and now - self.handled < RECEIPT_WINDOW:
            return self.replacement.status == self.Status.OUTBOX
        if self.capped_until(now):
            return False
        if any(attempt.is_due_soon(now) for attempt in self.read_attempts):
            return True
        if self.status == self.Status.OUTBOX:
            # A retry may be a day away, and so may the end of quiet hours.
            latest = self.latest_attempt
            return latest is None or latest.state != Attempt.State.QUEUED or latest.due <= now
        if self.status != self.Status.SENT or self.sent is None:
            return False
        window = RECEIPT_WINDOW if self.receipt in {"", self.Receipt.ACCEPTED} else ANSWER_WINDOW
        return now - self.sent < window


# Most receipts come within seconds, and quick replies within a minute. Later ones show on the next
# visit to the page.
RECEIPT_WINDOW = timedelta(minutes=10)
ANSWER_WINDOW = timedelta(minutes=1)
