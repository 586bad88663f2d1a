"""Compare the SQL of searches with what a person would write, on the same indexes.

Both run in turns, page and count, without the time that Django needs to build the SQL.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection

from benchmarks.large.fill import SIZES
from benchmarks.large.searches import Search
from benchmarks.timing import time_alternately
from smscenter.accounts.models import User

ROUNDS = 9
DOCUMENTED, OTHERS = 1.3, 2.0  # limits for the ratio
NEGLIGIBLE = 1.0  # milliseconds, of which nobody notices a part
LEADS = """SELECT l.id, l.organization_id, l.name, l.created, l.sms_count, l.failed_sms_count,
  l.latest_sms_status, l.latest_sms_id, l.last_activity_at, s.id, s.label, s.color, u.id,
  u.username, u.first_name, u.last_name
  FROM leads_lead l JOIN leads_leadstatus s ON s.id = l.status_id
  LEFT JOIN accounts_user u ON u.id = l.owner_id
 WHERE l.organization_id = {o} AND {where} ORDER BY l.last_activity_at DESC, l.id DESC LIMIT 51"""
MESSAGES = """SELECT m.*, l.name, c.name, u.username, u.first_name, u.last_name
  FROM messaging_smsmessage m JOIN leads_lead l ON l.id = m.lead_id
  LEFT JOIN leads_contact c ON c.id = m.contact_id
  LEFT JOIN accounts_user u ON u.id = m.user_id
 WHERE m.organization_id = {o} AND {where} ORDER BY m.created DESC, m.id DESC LIMIT 51"""
COUNT = {
    "lead": "SELECT count(*) FROM (SELECT 1 FROM leads_lead l"
    " WHERE l.organization_id = {o} AND {where} LIMIT 10001) rows",
    "message": "SELECT count(*) FROM (SELECT 1 FROM messaging_smsmessage m"
    " WHERE m.organization_id = {o} AND {where} LIMIT 10001) rows",
}
PAGE = {"lead": LEADS, "message": MESSAGES}
A_TEXT = "EXISTS (SELECT FROM messaging_smsmessage m WHERE m.lead_id = l.id AND {})"
SOME_TEXTS = (
    "l.id IN (SELECT m.lead_id FROM messaging_smsmessage m WHERE m.organization_id = {o} AND {})"
)
TODAY = "date_trunc('day', now() AT TIME ZONE 'America/New_York') AT TIME ZONE 'America/New_York'"
MONTH_AGO = f"({TODAY} - interval '30 days')"
WORD = (
    "l.id IN (SELECT w.lead_id FROM leads_leadwords w WHERE w.organization_id = {o}"
    " AND w.words @@ 'x{word}'::tsquery)"
)


def some_texts(condition: str) -> str:
    return SOME_TEXTS.replace("{}", condition)


# Documented searches, whose limit is lower, come first.
BY_HAND = {
    ("lead", ""): "true",
    ("lead", "failed_sms > 1"): "l.failed_sms_count > 1",
    ("lead", "has:error_sms_messages"): "l.failed_sms_count > 0",
    ("lead", "latest_sms_status:error"): "l.latest_sms_failed",
    ("lead", "not has:sms"): "l.sms_count = 0",
    ("lead", "sms(created:today direction:outgoing status:error)"): some_texts(
        f"m.status = 'error' AND m.direction = 'outgoing' AND m.created >= {TODAY}"
    ),
    ("message", ""): "true",
    ("lead", "name:smith"): WORD.replace("{word}", "smith"),
    ("lead", "crawford"): WORD.replace("{word}", "crawford"),
    ("lead", "smith"): WORD.replace("{word}", "smith"),
    ("lead", "contact:smith"): WORD.replace("{word}", "smith"),
    ("lead", "sort:-last_sms"): "true",
    ("lead", "has:outgoing_sms"): "l.sms_count > l.received_sms_count",
    ("lead", "sms(created >= 30 days ago)"): f"l.last_sms_at >= {MONTH_AGO}",
    ("lead", "created >= 30 days ago"): f"l.created >= {MONTH_AGO}",
    ("lead", "owner:me last_activity > 14 days ago"): "l.owner_id = {user} AND"
    " l.last_activity_at < now() - interval '14 days'",
    ("lead", "status:qualified or status:customer"): "l.status_id IN (SELECT id FROM"
    " leads_leadstatus WHERE organization_id = {o} AND label IN ('Qualified', 'Customer'))",
    ("lead", "sms_messages > 500"): "l.sms_count > 500",
    ("lead", "sms(user:me status:error)"): some_texts("m.status = 'error' AND m.user_id = {user}"),
    ("lead", "sms(reason:spam created >= 30 days ago)"): some_texts(
        f"m.status = 'error' AND m.reason = 'spam' AND m.created >= {MONTH_AGO}"
    ),
    ("lead", "has:scheduled_sms"): some_texts("m.status = 'scheduled'"),
    ("lead", "sms(segments > 1)"): A_TEXT.replace("{}", "m.segments > 1"),
    ("lead", "notes = 0"): "NOT EXISTS (SELECT FROM leads_note n WHERE n.lead_id = l.id)",
    ("lead", '"Monthly bill" > 4900'): "jsonb_typeof(l.custom -> 'Monthly bill') = 'number'"
    " AND (l.custom ->> 'Monthly bill')::numeric > 4900",
    ("lead", "Source:Website"): """l.custom @> '{{"Source": "Website"}}'""",
    ("message", "status:error"): "m.status = 'error'",
    ("message", "reason:spam"): "m.status = 'error' AND m.reason = 'spam'",
    ("message", "created:today"): f"m.created >= {TODAY}",
    ("message", "user:me"): "m.user_id = {user}",
    ("message", "to:415"): "m.remote_phone LIKE '+1415%'",
    ("message", "direction:incoming"): "m.direction = 'incoming'",
    ("message", "status:scheduled"): "m.status = 'scheduled'",
    ("message", "segments > 1"): "m.segments > 1",
    ("message", "sent:yesterday"): f"m.sent >= {TODAY} - interval '1 day' AND m.sent < {TODAY}",
    ("message", "scheduled > now"): "m.status = 'scheduled' AND m.scheduled > now()",
}


def statements(run: Callable[[], None]) -> list[tuple[str, Any]]:
    """Return the statements that a search runs, with their parameters."""
    found = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        run()
    return found


def execute(each: list[tuple[str, Any]]) -> None:
    with connection.connection.cursor() as cursor:
        for sql, params in each:
            cursor.execute(sql, params)
            cursor.fetchall()


def run() -> bool:
    """Return whether all ratios are within their limits."""
    within = True
    print(f"  {'':<58}{'page':>8}{'by hand':>9}{'ratio':>7}{'count':>9}{'by hand':>9}{'ratio':>7}")
    for name in SIZES:
        user = User.objects.get(username=f"{name}-0")
        print(f"  {name}")
        for number, (model, query) in enumerate(BY_HAND):
            limit = DOCUMENTED if number < 7 else OTHERS
            within &= _compare(Search(model, query, user), limit)
    return within


def _compare(search: Search, limit: float) -> bool:
    where = BY_HAND[search.model, search.query]
    values = {"{o}": str(search.user.organization_id), "{user}": str(search.user.pk)}
    line = f"    {search.model[0].upper()} {search.query or '(all)':<52}"
    within = True
    for ours, template in ((search.page, PAGE), (search.count, COUNT)):
        if search.query.startswith("sort:") and template is COUNT:
            continue
        sql = template[search.model].replace("{where}", where)
        if search.query == "sort:-last_sms":
            sql = sql.replace("l.last_activity_at DESC", "l.last_sms_at DESC NULLS LAST")
        for placeholder, value in values.items():
            sql = sql.replace(placeholder, value)
        sql = sql.replace("{{", "{").replace("}}", "}")
        of_search = statements(ours)
        medians = time_alternately(
            {
                "ours": lambda each=of_search: execute(each),  # type: ignore[misc]
                "by hand": lambda each=[(sql, None)]: execute(each),  # type: ignore[misc]
            },
            ROUNDS,
        )
        ratio = medians["ours"] / medians["by hand"]
        within &= ratio <= limit or medians["ours"] < NEGLIGIBLE
        line += f"{medians['ours']:9.2f}{medians['by hand']:9.2f}{ratio:7.2f}"
    print(line + ("" if within else "   over"), flush=True)
    return within
