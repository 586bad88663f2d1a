"""Define the search fields of leads."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from leads.hooks.custom_fields import custom_fields
from leads.hooks.sorting import by_owner
from leads.models import Address, Contact, Lead, LeadStatus, LeadWords, Note
from leads.models.words import WORD_INDEX
from leads.phones import PhoneNumberError, parse
from search.language.errors import Code
from search.language.tree import Value
from search.words.choice_fields import ChoiceField, Option, underscored
from search.words.columns import Column, WordsColumn
from search.words.context import SearchContext
from search.words.date_fields import DateField
from search.words.fields import Field, ReadingError, Replacement
from search.words.number_fields import CountOrTextField, NumberField, StoredCountField
from search.words.phone_fields import PhoneField
from search.words.related_rows import RelatedRows, WordRows
from search.words.text_fields import EmailField, TextField
from search.words.user_fields import UserField
from search.words.vocabulary import FieldGroup, Vocabulary, vocabularies

CONTACTS = RelatedRows("leads.Contact", "lead")
PHONES = RelatedRows("leads.ContactPhone", "contact__lead")
EMAILS = RelatedRows("leads.ContactEmail", "contact__lead")
ADDRESSES = RelatedRows("leads.Address", "lead")
NOTES = RelatedRows("leads.Note", "lead")
WORDS = WordRows("leads.LeadWords", "lead", index=WORD_INDEX)
# The same rows for a contact, or an email address, and not for its lead.
OWN_WORDS = WordRows("leads.LeadWords", "source", index=WORD_INDEX)
CONTACT_NAME = WordsColumn("name", OWN_WORDS, LeadWords.Kind.CONTACT)
CONTACT_TITLE = WordsColumn("title", OWN_WORDS, LeadWords.Kind.TITLE)
EMAIL = WordsColumn("email", OWN_WORDS, LeadWords.Kind.EMAIL)


def whole_number(text: str) -> str | None:
    """Return a full number in E.164, as it is stored, and None for any other text."""
    try:
        return parse(text).e164
    except PhoneNumberError:
        return None


def statuses(context: SearchContext) -> list[Option]:
    def read() -> list[Option]:
        rows = LeadStatus.objects.visible_to(context.user)
        return [Option(status.pk, status.label) for status in rows]

    return context.once("lead statuses", read)


@dataclass(frozen=True)
class StatusNumber(NumberField):
    """The ID of a status. It's a number, unlike `stat_1f2` in other products."""

    def matching(self, operator: str, value: Value, context: SearchContext) -> Q:
        try:
            return super().matching(operator, value, context)
        except ReadingError as error:
            message = f"“{value.text}” isn't a status ID."
            hint = "To search for a status by name, use `status`."
            raise ReadingError(Code.UNKNOWN_VALUE, message, hint) from error

    def replacements(
        self, text: str, operator: str, context: SearchContext, *, exact: bool
    ) -> Sequence[Replacement]:
        named = [each for each in statuses(context) if underscored(text) in each.names]
        return [Replacement(str(each.value)) for each in named]


def contact_fields() -> Vocabulary:
    fields = Vocabulary("contact", Contact, "contact", "contacts")
    fields.add(
        TextField("name", CONTACT_NAME, meaning="The contact's name.", example="contact(name:ada)"),
        TextField("title", CONTACT_TITLE, meaning="The title.", example='contact(title:"head of")'),
        EmailField(
            "email email_address",
            EMAIL,
            rows=RelatedRows("leads.ContactEmail", "contact"),
            noun="email address",
            meaning="One of the contact's email addresses.",
            example="contact(email:@example.com)",
        ),
        bare=True,
    )
    fields.add(
        PhoneField(
            "phone phone_number",
            Column("phone"),
            rows=RelatedRows("leads.ContactPhone", "contact"),
            to_e164=whole_number,
            noun="phone number",
            meaning="One of the contact's phone numbers.",
            example="contact(phone:415)",
        ),
        bare=True,
    )
    fields.add(
        DateField(
            "created date_created",
            Column("created"),
            meaning="Date created.",
            example="contact(created:today)",
        )
    )
    return fields


def address_fields() -> Vocabulary:
    fields = Vocabulary("address", Address, "address", "addresses")
    fields.add(*_places(None, "address({})"), bare=True)
    fields.add(
        TextField(
            "street", Column("street"), meaning="The street.", example="address(street:main)"
        ),
        TextField(
            "postal_code zip zipcode",
            Column("postal_code"),
            indexed=True,
            noun="postal code",
            meaning="The postal code.",
            example="address(zip:94107)",
        ),
        bare=True,
    )
    return fields


def _places(rows: RelatedRows | None, example: str) -> list[Field]:
    """Return the fields of an address, or of any address of a lead."""
    return [
        TextField(
            "city location",
            Column("city"),
            rows=rows,
            indexed=True,
            meaning="The city of an address.",
            example=example.format('city:"menlo park"'),
        ),
        TextField(
            "state",
            Column("state"),
            rows=rows,
            indexed=True,
            meaning="The state of an address.",
            example=example.format("state:CA"),
        ),
        TextField(
            "country",
            Column("country"),
            rows=rows,
            meaning="Two-letter country code of an address.",
            example=example.format("country:US"),
        ),
    ]


def note_fields() -> Vocabulary:
    fields = Vocabulary("note", Note, "note", "notes")
    fields.add(
        TextField(
            "text body",
            Column("text"),
            indexed=True,
            meaning="Words in the note.",
            example="note(text:budget)",
        ),
        bare=True,
    )
    fields.add(
        DateField(
            "created date date_created",
            Column("created"),
            meaning="Date created.",
            example='note(created:"this week")',
        ),
        DateField(
            "updated date_updated",
            Column("updated"),
            meaning="Date updated.",
            example="note(updated:today)",
        ),
        UserField(
            "user created_by",
            Column("user"),
            verb="written by",
            meaning="Note author.",
            example="note(user:me)",
        ),
    )
    return fields


leads = Vocabulary("lead", Lead, "lead", "leads")
vocabularies.register(leads)

leads.add(
    TextField(
        "name company display_name",
        WordsColumn("name", WORDS, LeadWords.Kind.NAME),
        meaning="The lead's name.",
        example="name:bakery",
    ),
    TextField(
        "description",
        WordsColumn("description", WORDS, LeadWords.Kind.DESCRIPTION),
        meaning="The description.",
        example="description:*",
    ),
    TextField(
        "url website",
        WordsColumn("url", WORDS, LeadWords.Kind.URL),
        meaning="The website.",
        example="url:example.com",
    ),
    bare=True,
)
leads.add(
    ChoiceField(
        "status lead_status status_label",
        Column("status"),
        options=statuses,
        empty=None,
        by_value=False,
        sorted_by="status__position",
        meaning="Lead status.",
        example="status:new",
    ),
    StatusNumber(
        "lead_status_id status_id",
        Column("status_id"),
        noun="status ID",
        meaning="Lead status, by ID.",
        example="lead_status_id:1",
    ),
    DateField(
        "created date_created",
        Column("created"),
        meaning="Date created.",
        example="created < 3 days ago",
    ),
    DateField(
        "updated date_updated",
        Column("updated"),
        meaning="Date updated.",
        example="updated:today",
    ),
    UserField(
        "created_by creator",
        Column("created_by"),
        verb="created by",
        sorted_by="created_by__username",
        meaning="User who created the lead.",
        example="created_by:me",
    ),
    UserField(
        "owner user assigned_to user_id",
        Column("owner"),
        verb="owned by",
        tense="is now",
        sorted_by="owner__username",
        parts=by_owner,
        meaning="Lead owner.",
        example="owner:me",
    ),
    DateField(
        "last_activity last_communication",
        Column("last_activity_at"),
        noun="last active",
        meaning="Date of the latest note or text, or the date created.",
        example="last_activity > 14 days ago",
    ),
)

contact_name = TextField(
    "contact",
    CONTACT_NAME,
    rows=CONTACTS,
    noun="contact name",
    meaning="Name of a contact.",
    example="contact:ada",
)
leads.add(
    contact_name,
    CountOrTextField(
        "contacts",
        Column("contact_count"),
        count=StoredCountField("contacts", Column("contact_count"), meaning="Number of contacts."),
        text=contact_name,
        meaning="Number of contacts, or the name of one.",
        example="contacts > 1",
    ),
    PhoneField(
        "phone phone_number",
        Column("phone"),
        rows=PHONES,
        to_e164=whole_number,
        noun="phone number",
        meaning="An area code, a full number, or part of one.",
        example='phone:"(415) 555-0123"',
    ),
    StoredCountField(
        "phone_numbers phones",
        Column("phone_count"),
        noun="phone numbers",
        meaning="Number of phone numbers.",
        example="phone_numbers > 1",
    ),
    EmailField(
        "email email_address",
        EMAIL,
        rows=EMAILS,
        noun="email address",
        meaning="An email address, or everyone at a domain.",
        example="email:@example.com",
    ),
    StoredCountField(
        "email_addresses",
        Column("email_count"),
        noun="email addresses",
        meaning="Number of email addresses.",
        example="email_addresses = 0",
    ),
    StoredCountField(
        "addresses",
        Column("address_count"),
        meaning="Number of addresses.",
        example="addresses > 0",
    ),
    StoredCountField(
        "notes", Column("note_count"), meaning="Number of notes.", example="notes = 0"
    ),
    *_places(ADDRESSES, "{}"),
)
leads.add_bare(
    contact_name,
    TextField("contact_title", CONTACT_TITLE, rows=CONTACTS, meaning=""),
    EmailField("contact_email", EMAIL, rows=EMAILS, meaning=""),
    PhoneField("contact_phone", Column("phone"), rows=PHONES, to_e164=whole_number, meaning=""),
)
leads.bare_words = WORDS
leads.add_group(
    FieldGroup(
        "contact",
        contact_fields(),
        CONTACTS,
        noun="a contact",
        meaning="A contact that matches all of these terms.",
        example="contact(title:owner phone:415)",
    ),
    FieldGroup(
        "address",
        address_fields(),
        ADDRESSES,
        noun="an address",
        meaning="An address that matches all of these terms.",
        example="address(city:oakland state:CA)",
    ),
    FieldGroup(
        "note",
        note_fields(),
        NOTES,
        noun="a note",
        meaning="A note that matches all of these terms.",
        example="note(text:budget user:me)",
    ),
)
leads.add_custom_fields(custom_fields)
leads.not_tracked(
    "texts, notes, contacts, addresses, statuses, and custom fields",
    calls=(
        "call calls called num_calls call_duration last_call last_called first_call "
        "last_call_date voicemail recording recordings recording_duration"
    ),
    opportunities=(
        "opportunity opportunities opp opps opportunity_value opportunity_status status_type "
        "num_opportunities won lost deal deals"
    ),
    email_messages=(
        "emails emailed last_emailed email_message email_messages num_emails emails_sent "
        "email_opened email_opens last_email last_email_date email_status email_template "
        "sequence sequences sequence_subscription subscription"
    ),
    tasks="task tasks num_tasks next_task reminder reminders is_complete",
    meetings="meeting meetings num_meetings next_meeting",
    other_activities="activity activities num_activities",
    notifications="notification notifications",
)
leads.alternatives["emails"] = "email_addresses"
leads.suggest_queries(
    my_leads="owner:me",
    unassigned="owner:null",
    no_owner="owner:null",
)
