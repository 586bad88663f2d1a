"""Why a text failed: four documented groups, and the specific reasons in each.

Each reason has one label, which all pages, filters, searches, articles, and files take from here.
The groups are those of the documented help page; each specific reason belongs to one of them.
Carriers' codes are mapped to these by `messaging.CarrierCode`, which is data.
"""

from dataclasses import dataclass

from django.db import models


class Group(models.TextChoices):
    """The four documented reasons."""

    NOT_SMS_CAPABLE = "not_sms_capable", "Number doesn't support SMS"
    UNSUPPORTED_COUNTRY = "unsupported_country", "Unsupported country"
    SPAM = "spam", "Identified as spam"
    UNKNOWN = "unknown", "Unknown"


class Reason(models.TextChoices):
    NOT_SMS_CAPABLE = "not_sms_capable", "Landline"
    UNSUPPORTED_COUNTRY = "unsupported_country", "Unsupported country"
    SPAM = "spam", "Flagged as spam"
    UNKNOWN = "unknown", "Unknown reason"
    UNREACHABLE = "unreachable", "Phone unreachable"
    INVALID_NUMBER = "invalid_number", "Number doesn't exist"
    OPTED_OUT = "opted_out", "Opted out"
    RECIPIENT_BLOCKED = "recipient_blocked", "Sender blocked"
    UNREGISTERED_SENDER = "unregistered_sender", "Sender not registered"
    SENDER_CONFIG = "sender_config", "Sender not configured"
    RATE_LIMIT = "rate_limit", "Sending limit reached"
    CARRIER_OUTAGE = "carrier_outage", "Carrier outage"
    TOO_LONG = "too_long", "Text too long"
    CONTENT_INVALID = "content_invalid", "Invalid content"
    INSUFFICIENT_FUNDS = "insufficient_funds", "Carrier account issue"
    EXPIRED = "expired", "Delivery timed out"
    FRAUD_BLOCK = "fraud_block", "Flagged as fraud"
    QUIET_HOURS = "quiet_hours", "Quiet hours"

    @property
    def group(self) -> Group:
        return Group(self.value) if self.value in Group.values else Group.UNKNOWN

    @property
    def second_line(self) -> str:
        """Return the documented group's label, or nothing if it says no more than the reason's."""
        labels = {Group.UNKNOWN.label, self.label}
        return "" if self.group.label in labels else str(self.group.label)

    @property
    def help_slug(self) -> str:
        return str(self.value).replace("_", "-")

    @property
    def advice(self) -> "Advice":
        return ADVICE[self]


class Step(models.TextChoices):
    """The next step, offered as a button. The first one of a reason finishes it in two clicks."""

    CORRECT_NUMBER = "correct_number", "Correct and resend"
    TRY_AGAIN = "try_again", "Resend"
    EDIT_AND_RESEND = "edit_and_resend", "Edit and resend"
    CHANGE_SENDER = "change_sender", "Change sender and resend"
    SEND_IN_MORNING = "send_in_morning", "Send at 8:00 AM their time"
    ASK_WHITELISTING = "ask_whitelisting", "Request whitelisting"
    SEE_REGISTRATION = "see_registration", "See registration"
    ASK_ADMINISTRATOR = "ask_administrator", "Tell the administrator"
    MARK_HANDLED = "mark_handled", "Mark as handled"

    @property
    def template(self) -> str:
        return f"messaging/steps/{self.value}.html"

    @property
    def has_form(self) -> bool:
        """Return whether it asks for something, such as another number, before it resends."""
        return self in {Step.CORRECT_NUMBER, Step.EDIT_AND_RESEND, Step.CHANGE_SENDER}


@dataclass(frozen=True)
class Advice:
    """What a reason means for the rep, and the next steps, best first.

    `question` is the text of a support request about it, which people only have to send.
    """

    meaning: str
    steps: tuple[Step, ...]
    question: str = ""


CORRECT = (Step.CORRECT_NUMBER,)
AGAIN = (Step.TRY_AGAIN,)
EDIT = (Step.EDIT_AND_RESEND,)

ADVICE: dict[Reason, Advice] = {
    Reason.NOT_SMS_CAPABLE: Advice(
        "This number can't receive texts. It may be a landline. "
        "Try another number for this contact, or call.",
        CORRECT,
    ),
    Reason.UNSUPPORTED_COUNTRY: Advice(
        "You can only text numbers in the United States and Canada. "
        "Try another number, send an email, or call.",
        CORRECT,
    ),
    Reason.SPAM: Advice(
        "A carrier's spam filter blocked this text. Change the wording, "
        "or request whitelisting if it was blocked by mistake.",
        (Step.EDIT_AND_RESEND, Step.ASK_WHITELISTING),
    ),
    Reason.UNKNOWN: Advice(
        "The carrier rejected this text without a clear reason. Resend it later.", AGAIN
    ),
    Reason.UNREACHABLE: Advice(
        "The phone was off or out of range. If a second attempt fails too, "
        "the number probably can't receive texts.",
        (Step.TRY_AGAIN, Step.CORRECT_NUMBER),
    ),
    Reason.INVALID_NUMBER: Advice(
        "This number doesn't exist. It may be mistyped or out of service. "
        "Correct it, or try another number for this contact.",
        CORRECT,
    ),
    Reason.OPTED_OUT: Advice(
        "This person opted out of texts. Only they can undo that, by texting START.",
        (Step.MARK_HANDLED,),
    ),
    Reason.RECIPIENT_BLOCKED: Advice(
        "The recipient or their carrier doesn't accept texts from you. Call or email instead.",
        (Step.MARK_HANDLED,),
    ),
    Reason.UNREGISTERED_SENDER: Advice(
        "Carriers require your sender number to be registered. "
        "Ask your administrator to register it, or resend the text from another number.",
        (Step.SEE_REGISTRATION, Step.CHANGE_SENDER, Step.TRY_AGAIN),
    ),
    Reason.SENDER_CONFIG: Advice(
        "The sender number or its carrier account isn't set up for this text. "
        "Try another sender number, or ask your administrator.",
        (Step.CHANGE_SENDER, Step.TRY_AGAIN),
    ),
    Reason.RATE_LIMIT: Advice(
        "Your organization sent more texts than carriers allow at once or in a day.", AGAIN
    ),
    Reason.CARRIER_OUTAGE: Advice("The carrier couldn't accept texts at the time.", AGAIN),
    Reason.TOO_LONG: Advice("The carrier doesn't accept texts this long. Shorten it.", EDIT),
    Reason.CONTENT_INVALID: Advice(
        "The carrier can't send this text as it is: it's empty, or has characters or attachments "
        "that can't be sent. Edit it.",
        EDIT,
    ),
    Reason.INSUFFICIENT_FUNDS: Advice(
        "The carrier account is suspended or out of credit. Ask your administrator to fix it.",
        (Step.ASK_ADMINISTRATOR, Step.TRY_AGAIN),
        "The carrier reports that our account is suspended or out of credit. Please fix it.",
    ),
    Reason.EXPIRED: Advice("The carrier couldn't deliver this text in time.", AGAIN),
    Reason.FRAUD_BLOCK: Advice(
        "The carrier blocked this text as possible fraud. If it keeps happening, contact support.",
        (Step.ASK_ADMINISTRATOR, Step.EDIT_AND_RESEND),
        "The carrier blocked this text as possible fraud. Please find out why.",
    ),
    Reason.QUIET_HOURS: Advice(
        "It was too early or too late where the recipient is. Resend it during their day.",
        (Step.SEND_IN_MORNING, Step.TRY_AGAIN),
    ),
}


class Retry(models.TextChoices):
    """When the same text is sent again, as carriers document it for a code."""

    PERMANENT = "permanent", "Never"
    UNTIL_FIXED = "permanent-until-fixed", "Never: someone has to fix the cause first"
    TRANSIENT = "transient", "Soon: after 1 minute, 10 minutes, and 1 hour"
    ONCE = "once", "Once, after 10 minutes"
    MINUTES = "minutes", "After 15 to 30 minutes"
    HOURS = "hours", "After 2, 8, and 24 hours"
    MORNING = "morning", "At 8 AM where the recipient is"
    PACIFIC_DAY = "pacific_day", "After midnight Pacific time"
    ROLLING_DAY = "rolling_day", "After 24 hours"

    @property
    def is_automatic(self) -> bool:
        return self not in {Retry.PERMANENT, Retry.UNTIL_FIXED}
