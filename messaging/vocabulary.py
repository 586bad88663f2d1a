"""The words of messages, and what messaging adds to those of leads: see search/vocabulary.py."""

from django.db.models import Q

from leads.models import ContactPhone, Lead
from leads.vocabulary import leads, whole_number
from messaging.models import OptOut, SmsMessage
from messaging.reasons import Reason
from search import vocabulary
from search.columns import Column, CountColumn, EitherColumn, ExtremeColumn, Parent, Rows
from search.fields import Choice, Text, fixed
from search.people import Person
from search.phones import Phone
from search.quantities import DateField, ExtremeDate, Number, RelatedCount, StoredCount
from search.searcher import Searcher
from search.tree import Comparison, Expression
from search.vocabulary import Flag, Group

MESSAGES = Rows("messaging.SmsMessage", "lead")
ATTEMPTS = Rows("messaging.Attempt", "message")
THE_LEAD = Parent("leads.Lead", "lead")

messages = vocabulary.register("message", SmsMessage, "SMS", "SMS")

messages.add(
    Text(
        "text body",
        Column("text"),
        meaning="Words and phrases in the message.",
        example='text:"see you"',
    ),
    bare=True,
)
messages.add(
    Choice(
        "status",
        Column("status"),
        options=fixed(
            SmsMessage.Status.choices,
            rare=["draft", "scheduled", "outbox", "error"],
            inbox="received",
            error="failed",
        ),
        meaning="What is known of the message.",
        example="status:error",
    ),
    Choice(
        "direction",
        Column("direction"),
        options=fixed(SmsMessage.Direction.choices, outgoing="outbound out", incoming="inbound in"),
        is_said=True,
        meaning="Sent by you, or received.",
        example="direction:outgoing",
    ),
    DateField(
        "created date date_created",
        Column("created"),
        meaning="When the message was written, or came.",
        example="created:today",
    ),
    DateField(
        "sent date_sent",
        Column("sent"),
        meaning="When it was handed to the carrier.",
        example="sent:yesterday",
    ),
    DateField(
        "scheduled date_scheduled",
        Column("scheduled"),
        noun="scheduled for",
        meaning="When it is to be sent.",
        example="scheduled > now",
    ),
    DateField(
        "updated date_updated",
        Column("updated"),
        meaning="When it last changed.",
        example="updated:today",
    ),
    Person("user", Column("user"), verb="sent by", meaning="Who sent it.", example="user:me"),
    Text(
        "template",
        Column("name"),
        rows=Parent("messaging.MessageTemplate", "template"),
        sorted_by="template__name",
        noun="name of its template",
        meaning="The template that it was written from.",
        example="template:*",
    ),
    Choice(
        "reason",
        Column("reason"),
        options=fixed(
            Reason.choices, rare=Reason.values, not_sms_capable="landline", opted_out="opt_out"
        ),
        noun="failure reason",
        meaning="Why it failed.",
        example="reason:landline",
    ),
    Text(
        "error_code code",
        Column("code"),
        rows=ATTEMPTS,
        noun="carrier's code",
        meaning="The code that the carrier answered.",
        example="error_code:30006",
    ),
    Text(
        "carrier",
        Column("carrier"),
        rows=ATTEMPTS,
        meaning="The carrier that it was handed to.",
        example="carrier:sandbox",
    ),
    Phone(
        "from local_phone our_phone",
        Column("local_phone"),
        read=whole_number,
        noun="our number",
        meaning="Your number, whichever way the message went.",
        example="from:212",
    ),
    Number("segments", Column("segments"), meaning="Its length in parts.", example="segments > 1"),
    RelatedCount(
        "attempts",
        CountColumn("", ATTEMPTS),
        meaning="How often it was handed to a carrier.",
        example="attempts > 1",
    ),
    Choice(
        "receipt",
        Column("receipt"),
        options=fixed(SmsMessage.Receipt.choices, rare=["failed"]),
        noun="carrier's claim",
        meaning="What the carrier claimed; never a fact about the person.",
        example="receipt:delivered",
    ),
)
messages.add(
    Phone(
        "to remote_phone",
        Column("remote_phone"),
        read=whole_number,
        noun="the other number",
        meaning="The other person's number, whichever way the message went.",
        example="to:415",
    ),
    bare=True,
)
messages.add(
    Phone(
        "number",
        EitherColumn("remote_phone", other="local_phone"),
        read=whole_number,
        noun="a number, theirs or yours,",
        meaning="The other person's number or yours.",
        example="number:415",
    )
)
messages.add_group(
    Group(
        "lead",
        leads,
        THE_LEAD,
        noun="a lead",
        meaning="The message's lead, of whom all of this is true.",
        example="lead(owner:me)",
    )
)
messages.not_tracked(
    "texts: their words, status, dates, numbers and reasons",
    calls="call calls called duration voicemail recording recordings",
    opens_and_clicks="opened clicked opens clicks read",
)


def has(names: str, q: Q, noun: str, meaning: str) -> Flag:
    return Flag(names, lambda _searcher: q, noun=noun, meaning=meaning)


def has_message(names: str, q: Q, noun: str, meaning: str) -> Flag:
    return Flag(
        names,
        lambda searcher: MESSAGES.having(q, searcher, few=True),
        noun=noun,
        meaning=meaning,
    )


def opted_out(searcher: Searcher) -> Q:
    """A number of a contact asked for no more texts."""
    in_force = OptOut.objects.in_force().filter(organization_id=searcher.organization)
    phones = in_force.order_by().values("recipient__phone")
    contacts = ContactPhone.objects.filter(organization_id=searcher.organization, phone__in=phones)
    return Q(pk__in=contacts.order_by().values("contact__lead"))


def from_rollups(where: Expression | None) -> Q | None:
    """`sms()`, `sms(status:error)` and `sms(direction:incoming)` are columns of the lead."""
    if where is None:
        return Q(sms_count__gt=0)
    if not isinstance(where, Comparison) or where.operator not in {":", "="}:
        return None
    return SHORTCUTS.get((where.name.text.lower(), where.value.text.lower()))


FAILED = Q(failed_sms_count__gt=0)
RECEIVED = Q(received_sms_count__gt=0)
SHORTCUTS = {
    ("status", "error"): FAILED,
    ("status", "inbox"): RECEIVED,
    ("direction", "incoming"): RECEIVED,
    ("direction", "inbound"): RECEIVED,
}

leads.add(
    StoredCount(
        "sms_messages num_sms",
        Column("sms_count"),
        noun="SMS",
        meaning="How many SMS there are.",
        example="sms_messages > 0",
    ),
    StoredCount(
        "failed_sms num_failed_sms",
        Column("failed_sms_count"),
        implied=FAILED,
        noun="failed SMS",
        meaning="How many SMS failed.",
        example="failed_sms > 1",
    ),
    StoredCount(
        "num_sent_sms sent_sms",
        Column("sent_sms_count"),
        noun="sent SMS",
        meaning="How many SMS were sent.",
        example="num_sent_sms > 5",
    ),
    StoredCount(
        "num_received_sms incoming_sms received_sms",
        Column("received_sms_count"),
        noun="received SMS",
        meaning="How many SMS were received.",
        example="num_received_sms = 0",
    ),
    Choice(
        "latest_sms_status",
        Column("latest_sms_status"),
        options=fixed(Lead.LatestSms.choices, error="failed"),
        noun="latest SMS status",
        meaning="The status of the newest SMS that was handed over for sending.",
        example="latest_sms_status:error",
    ),
    DateField(
        "last_sms last_sms_date",
        Column("last_sms_at"),
        noun="last texted",
        meaning="The newest SMS, sent or received.",
        example="last_sms:never",
    ),
    ExtremeDate(
        "first_sms first_sms_date",
        ExtremeColumn("created", MESSAGES, oldest=True),
        noun="first texted",
        meaning="The oldest SMS, sent or received.",
        example='first_sms:"this month"',
    ),
    ExtremeDate(
        "last_incoming_sms last_incoming_sms_date",
        ExtremeColumn("created", MESSAGES, Q(direction="incoming")),
        noun="last heard from",
        meaning="The newest SMS that was received.",
        example="last_incoming_sms:today",
    ),
    ExtremeDate(
        "last_outgoing_sms last_outgoing_sms_date",
        ExtremeColumn("created", MESSAGES, Q(direction="outgoing")),
        noun="last sent a text",
        meaning="The newest outgoing SMS.",
        example="last_outgoing_sms:today",
    ),
)
leads.add_group(
    Group(
        "sms",
        messages,
        MESSAGES,
        noun="an SMS",
        shortcut=from_rollups,
        meaning="One SMS of which all of this is true.",
        example="sms(created:today direction:outgoing status:error)",
    )
)
leads.add_flag(
    has("sms", Q(sms_count__gt=0), "an SMS", "At least one SMS."),
    has("error_sms_messages failed_sms_messages", FAILED, "a failed SMS", "A failed SMS."),
    has("incoming_sms", RECEIVED, "a received SMS", "A received SMS."),
    has_message("outgoing_sms", Q(direction="outgoing"), "an outgoing SMS", "An outgoing SMS."),
    has_message(
        "scheduled_sms", Q(status="scheduled"), "a scheduled SMS", "An SMS that waits to be sent."
    ),
    Flag(
        "opted_out",
        opted_out,
        noun="a number that opted out",
        meaning="A contact who asked for no more texts.",
    ),
)

failed = "failed failed_sms failed_text failed_texts failed_messages error errors sms_error"
leads.means(
    **dict.fromkeys(failed.split(), "has:error_sms_messages"),
    **{
        f"{name}_{day}": f"sms(created:{day} status:error)"
        for name in failed.split()
        for day in ("today", "yesterday")
    },
    **dict.fromkeys(["opted_out", "opt_out", "unsubscribed"], "has:opted_out"),
    sent_today="sms(sent:today)",
)
messages.means(
    **dict.fromkeys(failed.split(), "status:error"),
    **{
        f"{name}_{day}": f"status:error created:{day}"
        for name in failed.split()
        for day in ("today", "yesterday")
    },
)

# The documented queries begin so.
leads.offer_first("failed_sms > ", "has:error_sms_messages", "sms(", "latest_sms_status:")
messages.offer_first("status:", "reason:", "created:", "direction:")
