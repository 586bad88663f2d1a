"""Define the search fields of messages, and those that messaging adds to leads."""

from collections.abc import Callable

from django.db.models import Q
from django.db.models.expressions import RawSQL

from leads.hooks.vocabulary import leads, whole_number
from leads.models import MANY_SMS, ContactPhone, Lead
from messaging import carriers
from messaging.deliverability import search_fields
from messaging.hooks.short_searches import (
    FAILED,
    MANY,
    RECEIVED,
    SENT,
    TEXTED,
    from_rollups,
    with_texts,
)
from messaging.models import Attempt, OptOut, SenderNumber, SmsMessage
from messaging.models.message_indexes import WORD_INDEX
from messaging.models.reason import Reason
from search.words.choice_fields import ChoiceField, fixed
from search.words.code_fields import CodesColumn, CodesField
from search.words.columns import (
    Column,
    CountColumn,
    EitherColumn,
    ExtremeColumn,
    FlaggedColumn,
    TextColumn,
)
from search.words.context import SearchContext
from search.words.date_fields import DateField, ExtremeDateField, OldestDateField
from search.words.number_fields import NumberField, RelatedCountField, StoredCountField
from search.words.phone_fields import NumbersColumn, PhoneField
from search.words.related_rows import ParentRow, RelatedRows
from search.words.text_fields import TextField
from search.words.user_fields import UserField
from search.words.vocabulary import FieldGroup, Flag, Vocabulary, vocabularies

MESSAGES = RelatedRows("messaging.SmsMessage", "lead", dated="created")
ATTEMPTS = RelatedRows("messaging.Attempt", "message")
THE_LEAD = ParentRow("leads.Lead", "lead", pointing=MESSAGES)
# See messaging/migrations/texted_numbers_postgresql.sql.
TEXTED_NUMBERS = NumbersColumn("remote_phone", tables=("messaging_textednumber",))
OUR_NUMBERS = NumbersColumn(
    "local_phone",
    tables=(SenderNumber._meta.db_table, "messaging_formersender"),
    lookups=("digits", "first_digits"),
)
# The condition of sms_rare_status. SQLite compares the list of a condition as it's written.
RARE = ~Q(status__in=[RawSQL("'sent'", ()), RawSQL("'inbox'", ())])

messages = Vocabulary("message", SmsMessage, "SMS", "SMS")
vocabularies.register(messages)

messages.add(
    TextField(
        "text body",
        TextColumn("text", MESSAGES, WORD_INDEX),
        indexed=True,
        meaning="Words in the text.",
        example='text:"see you"',
    ),
    bare=True,
)
messages.add(
    ChoiceField(
        "status",
        Column("status"),
        options=fixed(
            SmsMessage.Status.choices,
            rare=["draft", "scheduled", "outbox", "error"],
            inbox="received",
            error="failed",
        ),
        implied=RARE,
        meaning="Status of the text.",
        example="status:error",
    ),
    ChoiceField(
        "direction",
        Column("direction"),
        options=fixed(SmsMessage.Direction.choices, outgoing="outbound out", incoming="inbound in"),
        is_adjective=True,
        meaning="Outgoing or incoming.",
        example="direction:outgoing",
    ),
    DateField(
        "created date date_created",
        Column("created"),
        meaning="Date created or received.",
        example="created:today",
    ),
    DateField(
        "sent date_sent",
        Column("sent"),
        meaning="Date sent to the carrier.",
        example="sent:yesterday",
    ),
    DateField(
        "scheduled date_scheduled",
        Column("scheduled"),
        noun="scheduled for",
        meaning="Date it's scheduled for.",
        example="scheduled > now",
    ),
    DateField(
        "updated date_updated", Column("updated"), meaning="Date updated.", example="updated:today"
    ),
    UserField(
        "user", Column("user"), verb="sent by", meaning="User who sent it.", example="user:me"
    ),
    TextField(
        "template",
        Column("name"),
        rows=ParentRow("messaging.MessageTemplate", "template"),
        rare=True,
        sorted_by="template__name",
        noun="template name",
        meaning="Template name.",
        example="template:*",
    ),
    ChoiceField(
        "reason",
        Column("reason"),
        options=fixed(Reason.choices, rare=Reason.values, opted_out="opt_out"),
        implied=~Q(reason=""),
        noun="failure reason",
        meaning="Why the text failed.",
        example="reason:landline",
    ),
    CodesField(
        "error_code code",
        CodesColumn("codes", model="messaging.SmsMessage"),
        noun="carrier's code",
        meaning="Error code from the carrier.",
        example="error_code:30006",
    ),
    TextField(
        "carrier",
        Column("carrier"),
        rows=ATTEMPTS,
        meaning="Carrier name.",
        example=f"carrier:{carriers.example_key()}",
    ),
    PhoneField(
        "from local_phone our_phone",
        OUR_NUMBERS,
        to_e164=whole_number,
        holds_names=True,
        noun="sender number",
        meaning="Sender number, short code, or name.",
        example="from:212",
    ),
    NumberField(
        "segments",
        Column("segments"),
        meaning="Number of segments.",
        example="segments > 1",
        is_count=True,
    ),
    RelatedCountField(
        "attempts",
        CountColumn(rows=ATTEMPTS, several=Q(number__gt=1)),
        meaning="Number of attempts.",
        example="attempts > 1",
    ),
    ChoiceField(
        "receipt",
        Column("receipt"),
        options=fixed(SmsMessage.Receipt.choices, rare=["failed"]),
        noun="delivery receipt",
        meaning="Delivery receipt from the carrier.",
        example="receipt:delivered",
    ),
)
messages.add(*search_fields.FIELDS)
messages.add(
    PhoneField(
        "to remote_phone",
        TEXTED_NUMBERS,
        to_e164=whole_number,
        noun="recipient number",
        meaning="The recipient's number.",
        example="to:415",
    ),
    bare=True,
)
messages.add(
    PhoneField(
        "number",
        EitherColumn("remote_phone", TEXTED_NUMBERS, OUR_NUMBERS),
        to_e164=whole_number,
        noun="either number",
        meaning="The recipient's number or the sender number.",
        example="number:415",
    )
)
messages.add_group(
    FieldGroup(
        "lead",
        leads,
        THE_LEAD,
        noun="a lead",
        meaning="The text's lead matches all of these terms.",
        example="lead(owner:me)",
    )
)
messages.not_tracked(
    "the wording, status, dates, numbers, and reasons of texts",
    calls="call calls called duration voicemail recording recordings",
    opens_and_clicks="opened clicked opens clicks read",
)


def has(names: str, q: Q, noun: str, meaning: str) -> Flag:
    return Flag(names, lambda _context: q, noun=noun, meaning=meaning)


def has_message(names: str, q: Q, noun: str, meaning: str) -> Flag:
    return Flag(
        names,
        lambda context: MESSAGES.having(q, context, selective=True),
        noun=noun,
        meaning=meaning,
    )


def opted_out(context: SearchContext) -> Q:
    """Return the condition that a contact opted out."""
    active = OptOut.objects.in_force().filter(organization_id=context.organization)
    phones = active.order_by().values("recipient__phone")
    contacts = ContactPhone.objects.filter(organization_id=context.organization, phone__in=phones)
    return Q(pk__in=contacts.order_by().values("contact__lead"))


def unconfirmed(path: str) -> Callable[[SearchContext], Q]:
    """Return the condition that an attempt is unconfirmed. `path` leads from it to the row."""

    def q(context: SearchContext) -> Q:
        attempts = Attempt.objects.unconfirmed().filter(organization_id=context.organization)
        return Q(pk__in=attempts.order_by().values(path))

    return q


leads.add(
    StoredCountField(
        "sms_messages num_sms",
        Column("sms_count"),
        implied=MANY,
        implied_above=MANY_SMS,
        noun="SMS",
        meaning="Number of SMS.",
        example="sms_messages > 0",
    ),
    StoredCountField(
        "failed_sms num_failed_sms",
        Column("failed_sms_count"),
        implied=FAILED,
        noun="failed SMS",
        meaning="Number of failed SMS.",
        example="failed_sms > 1",
    ),
    StoredCountField(
        "num_sent_sms sent_sms",
        Column("sent_sms_count"),
        implied=MANY,
        implied_above=MANY_SMS,
        noun="sent SMS",
        meaning="Number of sent SMS.",
        example="num_sent_sms > 5",
    ),
    StoredCountField(
        "num_received_sms incoming_sms received_sms",
        Column("received_sms_count"),
        implied=MANY,
        implied_above=MANY_SMS,
        noun="received SMS",
        meaning="Number of received SMS.",
        example="num_received_sms = 0",
    ),
    ChoiceField(
        "latest_sms_status",
        FlaggedColumn("latest_sms_status", value="error", flag="latest_sms_failed"),
        options=fixed(Lead.LatestSms.choices, error="failed"),
        noun="latest SMS status",
        meaning="Status of the latest SMS sent to the lead.",
        example="latest_sms_status:error",
    ),
    DateField(
        "last_sms last_sms_date",
        Column("last_sms_at"),
        noun="last texted",
        meaning="Date of the latest SMS, sent or received.",
        example="last_sms:never",
    ),
    OldestDateField(
        "first_sms first_sms_date",
        Column("first_sms_at"),
        newest="last_sms_at",
        known=TEXTED,
        noun="first texted",
        meaning="Date of the first SMS, sent or received.",
        example='first_sms:"this month"',
    ),
    ExtremeDateField(
        "last_incoming_sms last_incoming_sms_date",
        ExtremeColumn("created", rows=MESSAGES, where=Q(direction="incoming")),
        newest="last_sms_at",
        known=RECEIVED,
        noun="last heard from",
        meaning="Date of the latest received SMS.",
        example="last_incoming_sms:today",
    ),
    ExtremeDateField(
        "last_outgoing_sms last_outgoing_sms_date",
        ExtremeColumn("created", rows=MESSAGES, where=Q(direction="outgoing")),
        newest="last_sms_at",
        known=SENT,
        noun="last sent a text",
        meaning="Date of the latest outgoing SMS.",
        example="last_outgoing_sms:today",
    ),
)
leads.add_group(
    FieldGroup(
        "sms",
        messages,
        MESSAGES,
        noun="an SMS",
        shortcut=from_rollups,
        meaning="An SMS that matches all of these terms.",
        example="sms(created:today direction:outgoing status:error)",
    )
)
# The partial index lead_no_sms.
leads.opposites.append((TEXTED, Q(sms_count=0)))
leads.joint_rules.append(with_texts)
leads.add_flag(
    has("sms", TEXTED, "an SMS", "At least one SMS."),
    has("error_sms_messages failed_sms_messages", FAILED, "a failed SMS", "A failed SMS."),
    has("incoming_sms", RECEIVED, "a received SMS", "A received SMS."),
    has("outgoing_sms", SENT, "an outgoing SMS", "An outgoing SMS."),
    has_message(
        "scheduled_sms", Q(status="scheduled") & RARE, "a scheduled SMS", "A scheduled SMS."
    ),
    Flag(
        "unconfirmed_sms",
        unconfirmed("message__lead"),
        noun="an unconfirmed SMS",
        meaning="An SMS that the carrier didn't confirm.",
    ),
    Flag(
        "opted_out", opted_out, noun="a number that opted out", meaning="A contact who opted out."
    ),
)

messages.add_flag(
    Flag(
        "unconfirmed unconfirmed_sms",
        unconfirmed("message"),
        noun="no confirmation from the carrier",
        meaning="Not confirmed by the carrier: it may or may not have been sent.",
    )
)
messages.add_flag(
    Flag(
        "handled",
        lambda _context: Q(handled__isnull=False),
        noun="a “handled” mark",
        adjective="handled",
        meaning="A failed text that someone marked as handled, or resent to another number.",
    )
)
