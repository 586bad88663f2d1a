"""Test that every search field is documented, parses, compiles, and runs."""

from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import EmptyResultSet

from leads.models import CustomField, LeadStatus
from messaging.models import SmsMessage
from search import run
from search.guidance.reference import reference
from smscenter.accounts.models import User
from tests import factories

pytestmark = pytest.mark.usefixtures("acme", "customs")

# A field, and a term for it.
LEADS = {
    "name company display_name description url website": ":john",
    "status lead_status status_label": ":potential",
    "lead_status_id": ":1",
    "created date_created updated date_updated last_activity last_communication": ":today",
    "last_sms last_incoming_sms last_outgoing_sms first_sms_date last_sms_date": " < 3 days ago",
    "created_by creator owner user assigned_to user_id": ":me",
    "contact": ":ada",
    "contacts phone_numbers email_addresses addresses notes": " > 0",
    "sms_messages num_sms failed_sms num_failed_sms num_sent_sms": " > 0",
    "num_received_sms incoming_sms": " > 0",
    "phone phone_number": ":415",
    "email email_address": ":@example.com",
    "city location state country": ":x",
    "custom.Tags": ":x",
    "latest_sms_status": ":error",
}
GROUPS = [
    "contact(name:ada title:head email:x phone:415 created:today)",
    "address(city:menlo state:ca country:us)",
    "sms()",
    "note(text:x created:today user:me)",
]
HAS = (
    "sms error_sms_messages incoming_sms outgoing_sms scheduled_sms contacts phone_numbers "
    "email_addresses addresses notes opted_out unconfirmed_sms whitelist_requests custom.Tags "
    "name description"
)
MESSAGES = {
    "status": ":error",
    "direction": ":outbound",
    "created date date_created sent date_sent scheduled date_scheduled updated": ":today",
    "text body": ":x",
    "user": ":me",
    "template": ":x",
    "reason": ":landline",
    "error_code code carrier": ":x",
    "to remote_phone from local_phone number": ":415",
    "segments attempts template_id": " > 0",
    "hour": ":14",
    "encoding": ":UCS-2",
    "sender_carrier": ":twilio",
    "receipt": ":delivered",
    "has": ":unconfirmed",
}


def terms(words: dict[str, str]) -> list[str]:
    return [f"{name}{value}" for names, value in words.items() for name in names.split()]


@pytest.mark.parametrize("text", [*terms(LEADS), *GROUPS, *(f"has:{name}" for name in HAS.split())])
def test_every_field_of_leads_runs(rep: User, now: datetime, text: str) -> None:
    for query in (text, f"not {text}"):
        list(run("lead", query, rep, now).rows)


@pytest.mark.parametrize("text", terms(MESSAGES))
def test_every_field_of_messages_runs_alone_and_in_a_group(
    rep: User, now: datetime, text: str
) -> None:
    list(run("message", text, rep, now).rows)
    list(run("lead", f"sms({text})", rep, now).rows)


def test_messages_can_be_searched_by_lead(rep: User, now: datetime) -> None:
    for label in ("Potential", "Customer"):
        lead = factories.lead(rep, status=LeadStatus.objects.get(label=label))
        factories.message(lead, status="error", reason="spam")
        factories.message(lead, status="sent")
    found = run("message", "lead(status:potential) status:error", rep, now).rows
    failed = SmsMessage.objects.failed()
    assert set(found) == set(failed.filter(lead__status__label="Potential"))
    assert 0 < len(found) < failed.count()


@pytest.mark.parametrize(("model", "words"), [("lead", LEADS), ("message", MESSAGES)])
def test_every_field_is_documented(rep: User, model: str, words: dict[str, str]) -> None:
    documented = {name for word in reference(model, rep) for name in word.names}
    named = {name for names in words for name in names.split() if not name.startswith("custom.")}

    assert named <= documented


@pytest.mark.parametrize("model", ["lead", "message"])
def test_every_documented_example_runs_and_is_described(rep: User, model: str) -> None:
    for word in reference(model, rep):
        assert word.meaning.endswith(".")
        assert run(model, word.example, rep).interpretation


def test_a_query_compiles_to_the_same_sql_twice(rep: User, now: datetime) -> None:
    def sql(text: str) -> str:
        try:
            return str(run("lead", text, rep, now).rows.query)
        except EmptyResultSet:
            return "PostgreSQL looked for few rows first, and there are none"

    for text in [*GROUPS, "owner:me custom.Tags:x phone:415 sms(status:error) or not has:sms"]:
        assert sql(text) == sql(text)


def test_compiling_takes_a_fixed_number_of_queries(
    rep: User, now: datetime, django_assert_max_num_queries: Any
) -> None:
    assert rep.organization is not None
    for number in range(30):
        CustomField.objects.create(organization=rep.organization, name=f"Field {number}")
    text = "status:potential owner:me custom.Tags:x status:customer creator:rita"
    with django_assert_max_num_queries(5):
        list(run("lead", text, rep, now).rows)
