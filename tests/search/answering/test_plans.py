"""A page of a search reads a short range of an index, and not the organization's rows."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from leads.models import Contact, ContactEmail, ContactPhone, Lead, LeadStatus
from leads.views.lists import LEADS as LEAD_LIST
from messaging.models import Attempt, OptOut, Recipient, SmsMessage
from messaging.views.lists import MESSAGES as MESSAGE_LIST
from search import reference, run
from search.answering.paging import Order, Page, page_of
from search.words.vocabulary import get
from smscenter.accounts.models import Organization, User
from tests import factories

pytestmark = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite's plans have no numbers of pages"
)
LEADS = 3_000
# Pages of 8 KB. The tables have some hundreds of each.
MOST_BUFFERS = 200
# One lead of 300 has a failed text and a number in California.
ROWS = {
    Lead: """(id, name, url, description, custom, created, updated, sms_count, sent_sms_count,
        received_sms_count, failed_sms_count, latest_sms_status, first_sms_at, last_sms_at,
        contact_count, organization_id, owner_id, status_id)
      SELECT n, 'Lead ' || n, '', repeat('x', 300), '{}', now() - n * interval '1 hour', now(),
        texted::int, 0, 0, 2 * rare::int, CASE WHEN rare THEN 'error' ELSE '' END,
        CASE WHEN texted THEN now() - n * interval '1 hour' END,
        CASE WHEN texted THEN now() - n * interval '1 hour' END, n % 5,
        :organization, CASE WHEN n % 50 = 0 THEN :user END, :status FROM rows""",
    Contact: """(id, name, title, created, lead_id, organization_id)
      SELECT n, 'Ada', '', now(), n, :organization FROM rows""",
    ContactPhone: """(phone, extension, label, contact_id, organization_id)
      SELECT '+1' || (CASE WHEN rare THEN 415 ELSE 212 END) || (5550000 + n), '', 'mobile', n,
        :organization FROM rows""",
    ContactEmail: """(email, contact_id, organization_id)
      SELECT n || '@' || (CASE WHEN rare THEN 'rare' ELSE 'common' END) || '.example', n,
        :organization FROM rows""",
    SmsMessage: """(id, direction, status, text, sent_text, remote_phone, local_phone, segments,
        encoding, reason, codes, receipt, created, scheduled, sent, updated, lead_id,
        organization_id)
      SELECT n, 'outgoing', CASE WHEN rare THEN 'error' ELSE 'sent' END, repeat('Hello ', 50),
        '', '+1' || (CASE WHEN rare THEN 415 ELSE 212 END) || (5550000 + n), '',
        CASE WHEN rare THEN 3 ELSE 1 + n % 2 END, 'GSM-7', CASE WHEN rare THEN 'spam' ELSE '' END,
        CASE WHEN rare THEN '30006' END, '', now() - n * interval '1 hour',
        CASE WHEN rare THEN now() + interval '1 day' END, now() - n * interval '1 hour', now(),
        n, :organization FROM rows""",
    Attempt: """(number, key, carrier, state, due, claims, carrier_id, code, carrier_words,
        reason, receipt, raw, request_id, created, message_id, organization_id)
      SELECT number, gen_random_uuid(), 'sandbox', 'accepted', now(), 1, '',
        CASE WHEN rare THEN '30006' ELSE '' END, '', '', '', '{}', '', now(), n,
        :organization FROM rows, generate_series(1, 1 + rare::int) number""",
}
INDEXES = {
    ("lead", "failed_sms > 1"): "lead_failed",
    ("lead", "has:error_sms_messages"): "lead_failed",
    ("lead", "latest_sms_status:error"): "lead_latest_error",
    ("lead", "sms(created:today direction:outgoing status:error)"): "sms_",
    ("lead", "not has:sms"): "lead_no_sms",
    ("lead", "sms(created < 1 hour ago)"): "last_sms_at",
    ("lead", "sms_messages > 500"): "lead_many_sms",
    ("lead", "num_sent_sms > 100"): "lead_many_sms",
    ("lead", "owner:me"): "lead_owner_activity",
    ("lead", "sort:created"): "lead_created_order",
    ("lead", "sort:-last_sms"): "lead_last_sms_order",
    ("lead", "sort:-contacts"): "lead_contacts_order",
    ("lead", "sort:-failed_sms"): "lead_failed_order",
    ("lead", "phone:415"): "contact_phone_number",
    ("lead", "has:opted_out"): "contact_phone_number",
    ("lead", "email:@rare.example"): "contact_email_domain",
    ("message", "reason:spam"): "sms_reason",
    ("message", "scheduled > now"): "sms_scheduled",
    ("message", "sort:-sent"): "sms_sent",
    ("message", "to:415"): "sms_remote_phone",
    ("message", "error_code:30006"): "sms_codes",
    ("lead", "sms(error_code:300)"): "sms_codes",
    ("message", "sort:-segments,-created"): "sms_rare_segments",
    ("message", "sort:segments"): "sms_rare_segments",
    ("message", "attempts > 1"): "attempt_again",
}
# Examples for which no row is found here, and that have no index of their own: PostgreSQL looks at
# all rows in the order of the page. Where some rows in a hundred are found, a page is soon full.
WITHOUT_INDEX = {
    ("lead", "addresses > 0"),
    ("lead", 'first_sms:"this month"'),
    ("lead", "has:incoming_sms"),
    ("lead", "num_sent_sms > 5"),
    ("lead", "phone_numbers > 1"),
    ("message", "carrier:sandbox"),
    ("message", "direction:incoming created > 2 days ago"),
    ("message", "encoding:UCS-2"),
    ("message", "has:handled"),
    ("message", "hour:14"),
    ("message", "lead(owner:me)"),
    ("message", "receipt:delivered"),
}


def fill(user: User) -> None:
    """Add the rows without their triggers, which would take most of the time."""
    organization: Organization = factories.organization("large")
    user.organization = organization
    user.save()
    status = LeadStatus.objects.filter(organization=organization)[0]
    values = {"organization": organization.pk, "user": user.pk, "status": status.pk}
    rows = (
        f"WITH rows AS (SELECT n, n % 300 = 0 AS rare, n % 3 = 0 AS texted"
        f" FROM generate_series(1, {LEADS}) n) SELECT"
    )
    tables = [model._meta.db_table for model in ROWS]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for model, columns in ROWS.items():
            sql = columns.replace("SELECT", rows, 1)
            for name, value in values.items():
                sql = sql.replace(f":{name}", str(value))
            cursor.execute(f"INSERT INTO {model._meta.db_table} {sql}", None)
        cursor.execute(f"ANALYZE {', '.join(tables)}")
        # As if the tables were larger.
        cursor.execute("SET LOCAL enable_seqscan = off")


def first_page(model: str, query: str, user: User) -> Page[Any]:
    result = run(model, query, user)
    newest = "last_activity_at" if model == "lead" else "created"
    order = Order.of(result.order) if result.order else Order.by(newest, descending=True)
    return page_of(result.rows, order)


def explained(model: str, query: str, user: User, within: str = "SELECT") -> tuple[int, list[Any]]:
    """Return the buffers and the plans of a page's statements with this text."""
    plans: list[Any] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("SELECT", "WITH")) and "set_config" not in sql and within in sql:
            with connection.connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
                plans.append(cursor.fetchone()[0][0]["Plan"])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        first_page(model, query, user)
    buffers = sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for plan in plans)
    return buffers, plans


def test_pages_read_few_buffers_of_the_right_index(rep: User) -> None:
    fill(rep)
    number = ContactPhone.objects.filter(contact=300).values_list("phone", flat=True)[0]
    own: Any = {"organization": rep.organization}
    recipient = Recipient.objects.create(**own, phone=number)
    OptOut.objects.create(**own, recipient=recipient, source=OptOut.Source.KEYWORD)
    found = {}
    for (model, query), index in INDEXES.items():
        buffers, plans = explained(model, query, rep)
        if index not in json.dumps(plans) or buffers > MOST_BUFFERS:
            found[query] = (buffers, plans)
    assert found == {}


def examples(user: User) -> Iterator[tuple[str, str]]:
    """Return all searches that the product itself offers."""
    for model, config in (("lead", LEAD_LIST), ("message", MESSAGE_LIST)):
        offered = [word.example for word in reference(model, user)]
        offered += [query for query, _meaning in config.examples]
        offered += get(model).suggested_queries.values()
        yield from ((model, query) for query in dict.fromkeys(offered) if query)


def most_rows(plan: dict[str, Any]) -> float:
    """Return how many rows the plan reads of one table, found or not."""
    read = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    rows = read * plan["Actual Loops"] if "Relation Name" in plan else 0
    return max([rows, *map(most_rows, plan.get("Plans", []))])


def test_no_page_of_an_example_reads_the_organization(rep: User) -> None:
    fill(rep)
    whole, searches = set(), list(examples(rep))
    for model, query in searches:
        # Not what the search looks up first, because that ends after some rows.
        _buffers, plans = explained(model, query, rep, within="ORDER BY")
        if max(map(most_rows, plans), default=0) > LEADS / 3:
            whole.add((model, query))
    assert len(searches) > 80
    assert whole - WITHOUT_INDEX == set()
