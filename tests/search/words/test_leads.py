"""Test what queries find among leads."""

import pytest

from leads.models import Lead
from smscenter.accounts.models import User
from tests.search.conftest import NOW, Find
from tests.search.language.test_grammar import WILD

BAKERY, DOE, QUIET, ZURICH = "Bluebird Bakery", "John Doe Roofing", "Quiet & Sons", "Zürich Travel"
ALL = [BAKERY, DOE, QUIET, ZURICH]

pytestmark = pytest.mark.usefixtures("acme")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        # The four documented queries.
        ("failed_sms > 1", [BAKERY]),
        ("has:error_sms_messages", [BAKERY]),
        ("sms(created:today direction:outgoing status:error)", [BAKERY]),
        ("latest_sms_status:error", [BAKERY]),
        # Everything, nothing.
        ("", ALL),
        ("*", ALL),
        ("not *", []),
        # Bare words and phrases.
        ("blue", [BAKERY]),
        ("bird", []),
        ("ZURICH", [ZURICH]),
        ("zür", [ZURICH]),
        ('"menlo park"', [BAKERY]),
        ('"park menlo"', []),
        ('"menlo par"', []),
        ("park menlo", [BAKERY]),
        ("example", [BAKERY]),
        ("head", [BAKERY]),
        ("miller", [BAKERY]),
        ("5550123", [BAKERY]),
        ("415-555", [BAKERY]),
        ("207183", [DOE]),
        ("quiet & sons", [QUIET]),
        ("john or zurich", [DOE, ZURICH]),
        ("-john", [BAKERY, QUIET, ZURICH]),
        # Text.
        ("name:john", [DOE]),
        ('name:"john doe"', [DOE]),
        ('name:"doe john"', []),
        ("company:roof", [DOE]),
        ("url:bluebird.example", [BAKERY]),
        ("description:*", [BAKERY]),
        ('description:""', [DOE, QUIET, ZURICH]),
        ("description != wedding", [DOE, QUIET, ZURICH]),
        ("name in (john, zurich)", [DOE, ZURICH]),
        # Choice.
        ("status:bad_fit", [DOE]),
        ('lead_status:"Bad Fit"', [DOE]),
        ("STATUS:POTENTIAL", [BAKERY]),
        ("status in (potential, bad_fit)", [BAKERY, DOE]),
        ("status not in (potential,bad_fit)", [QUIET, ZURICH]),
        # Users.
        ("owner:me", [BAKERY, ZURICH]),
        ("owner:justin", [DOE]),
        ('owner:"Justin Case"', [DOE]),
        ("owner:justin@example.com", [DOE]),
        ("owner:null", [QUIET]),
        ("owner != me", [DOE, QUIET]),
        ("created_by:justin", [BAKERY]),
        ("created_by:none", [DOE, QUIET, ZURICH]),
        # Numbers.
        ("failed_sms = 0", [DOE, QUIET, ZURICH]),
        ("failed_sms:1..2", [BAKERY]),
        ("failed_sms:3..", []),
        ("failed_sms > 1.5", [BAKERY]),
        ("failed_sms = 1.5", []),
        ("sms_messages > 0", [BAKERY, DOE, ZURICH]),
        ("num_sent_sms > 0", [BAKERY, DOE]),
        ("incoming_sms:1", [ZURICH]),
        ("contacts > 1", [BAKERY]),
        ("contacts:0", [QUIET, ZURICH]),
        ("contacts:ada", [BAKERY]),
        ("phone_numbers = 1", [DOE]),
        ("email_addresses:1", [BAKERY]),
        ("notes > 0", [DOE]),
        ("addresses = 0", [BAKERY, QUIET, ZURICH]),
        # Dates.
        ("created < 3 days ago", [BAKERY]),
        ("created > 3 days ago", [DOE, QUIET, ZURICH]),
        ("created >= 2026-11-03", [BAKERY, ZURICH]),
        ("created > 2026-11-03", [BAKERY]),
        ("created < 2026-11-03", [DOE, QUIET]),
        ("created <= 2026-11-03", [DOE, QUIET, ZURICH]),
        ("created:2026-11-03", [ZURICH]),
        ("created:2026-11", [BAKERY, ZURICH]),
        ("created:2026-11-01..2026-11-21", [BAKERY, ZURICH]),
        ('created:"2 days ago"', [BAKERY]),
        ("created != 2026-11-03", [BAKERY, DOE, QUIET]),
        ("last_activity > 14 days ago", [DOE, QUIET]),
        ("last_sms:never", [QUIET]),
        ("last_sms:*", [BAKERY, DOE, ZURICH]),
        ("last_sms:today", [BAKERY]),
        ("first_sms:yesterday", [BAKERY]),
        ("first_sms:today", []),
        ("last_incoming_sms > 3 days ago", [ZURICH]),
        ("last_outgoing_sms < 3 days ago", [BAKERY]),
        ("not last_outgoing_sms:today", [DOE, QUIET, ZURICH]),
        # Phones, email, places.
        ("phone:415", [BAKERY]),
        ('phone:"(415) 555-0123"', [BAKERY]),
        ("phone:+14155550123", [BAKERY]),
        ('phone:"+44 20 7183 8750"', [DOE]),
        ("phone:0123", [BAKERY]),
        ("phone:123", []),
        ('phone in ("+14155550123","+442071838750")', [BAKERY, DOE]),
        ("email:ada@example.com", [BAKERY]),
        ("email:@example.com", [BAKERY]),
        ("email:@ample.com", []),
        ("city:menlo state:ca country:us", [DOE]),
        # Groups match a single row.
        ("sms(status:error direction:outgoing)", [BAKERY]),
        ("sms(status:sent created:today)", []),
        ("sms(status:sent) sms(created:today)", [BAKERY]),
        ("sms()", [BAKERY, DOE, ZURICH]),
        ("not sms()", [QUIET]),
        ("not sms(status:error)", [DOE, QUIET, ZURICH]),
        ("sms(not status:error)", [BAKERY, DOE, ZURICH]),
        ("sms(status:sent or direction:incoming)", [BAKERY, DOE, ZURICH]),
        ('sms("new york office")', [BAKERY]),
        ("sms(user:me)", [BAKERY]),
        ("sms(reason:landline)", [BAKERY]),
        ("sms(reason:spam created:yesterday)", []),
        ("sms(segments > 1)", [BAKERY]),
        ("sms(to:415)", [BAKERY, DOE, ZURICH]),
        ("sms(lead(status:bad_fit))", [DOE]),
        ("contact(name:ada phone:415)", [BAKERY]),
        ("contact(name:ada phone:650)", []),
        ("address(city:menlo state:ca)", [DOE]),
        ("note(text:budget user:me)", [DOE]),
        ("note(user:justin)", []),
        # has:
        ("has:sms", [BAKERY, DOE, ZURICH]),
        ("has:incoming_sms", [ZURICH]),
        ("has:outgoing_sms", [BAKERY, DOE]),
        ("has:scheduled_sms", []),
        ("has:phone_numbers has:email_addresses", [BAKERY]),
        ("not has:contacts", [QUIET, ZURICH]),
        ("has:addresses", [DOE]),
        ("has:notes", [DOE]),
        ("has:description", [BAKERY]),
        ("has:opted_out", []),
        ("has:whitelist_requests", []),
        # Custom fields.
        ("custom.Tags:*", [BAKERY]),
        ("tags:sweet", [BAKERY]),
        ("not tags:sweet", [DOE, QUIET, ZURICH]),
        ('"custom.Source CRM":web_form', [BAKERY]),
        ('"Source CRM" != "Web Form"', [DOE, QUIET, ZURICH]),
        ('"custom.International Database ID":12345', [DOE]),
        ('"Monthly Billable Amount" > 100', [BAKERY]),
        ('"Monthly Billable Amount" = 250.5', [BAKERY]),
        ('not "Monthly Billable Amount" > 100', [DOE, QUIET, ZURICH]),
        ('"Migration completed":"last week"', [BAKERY]),
        ('"Migration completed" < 2026-11-20', []),
        ('"Migration completed" <= 2026-11-20', [BAKERY]),
        ('"Migration completed":never', [DOE, QUIET, ZURICH]),
        ("installer:justin", [BAKERY]),
        (r'"Größe \"L\"":ja', [BAKERY]),
        ('has:"custom.Source CRM"', [BAKERY]),
    ],
)
def test_queries_find_leads(find: Find, query: str, names: list[str]) -> None:
    assert find(query) == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("sort:name", [BAKERY, DOE, QUIET, ZURICH]),
        ("sort:-created", [BAKERY, ZURICH, DOE, QUIET]),
        ("sort:-contacts,-created", [BAKERY, DOE, ZURICH, QUIET]),
        ('sort:-"Monthly Billable Amount",name', [BAKERY, DOE, QUIET, ZURICH]),
        ('sort:"Monthly Billable Amount",name', [DOE, BAKERY, QUIET, ZURICH]),
        ("sort:last_sms", [DOE, ZURICH, BAKERY, QUIET]),
        ("sort:-first_sms", [BAKERY, ZURICH, DOE, QUIET]),
        ("sort:status", [BAKERY, DOE, ZURICH, QUIET]),
        ("sort:owner,name", [DOE, BAKERY, ZURICH, QUIET]),
        ("sort:-created limit:2", [BAKERY, ZURICH]),
    ],
)
def test_rows_without_a_value_sort_last(find: Find, query: str, names: list[str]) -> None:
    assert find(query) == names


def test_the_queryset_finds_the_same(rep: User) -> None:
    leads = Lead.objects.visible_to(rep).search("sort:-created limit:2", user=rep, at=NOW)
    assert [lead.name for lead in leads] == [BAKERY, ZURICH]


def test_equal_rows_are_sorted_by_id(rep: User) -> None:
    ids = sorted(Lead.objects.visible_to(rep).values_list("pk", flat=True))
    up = Lead.objects.visible_to(rep).search("sort:addresses", user=rep)
    down = Lead.objects.visible_to(rep).search("sort:-email_addresses", user=rep)
    assert [lead.pk for lead in up if lead.name != DOE] == [pk for pk in ids if pk != up[3].pk]
    assert [lead.pk for lead in down][1:] == sorted((lead.pk for lead in down[1:]), reverse=True)


def test_slices_are_disjoint_and_complete(find: Find) -> None:
    parts = [find(f"slice:{number}/3") for number in (1, 2, 3)]
    assert sorted(name for part in parts for name in part) == ALL


@pytest.mark.parametrize(
    "query", [each for each in WILD if "in:" not in each and "confirmed" not in each]
)
def test_real_queries_run(find: Find, query: str) -> None:
    find(query)
