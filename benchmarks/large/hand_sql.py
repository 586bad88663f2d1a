"""What a person would write for each search: conditions, with the same rows and columns.

A search can have several ways to write it. The fastest one is compared with ours. `:org` and
`:user` are the IDs of the organization and the user.
"""

from collections.abc import Iterator
from dataclasses import dataclass

ZONE = "'America/New_York'"
NOT_DELETED = "NOT IN (SELECT lead_id FROM leads_deletedlead WHERE organization_id = :org)"
LEADS = f"""SELECT l.id, l.organization_id, l.name, l.status_id, l.owner_id, l.created, l.sms_count,
  l.failed_sms_count, l.latest_sms_status, l.latest_sms_id, l.last_activity_at,
  s.id, s.label, s.color, u.id, u.username, u.first_name, u.last_name
  FROM leads_lead l JOIN leads_leadstatus s ON s.id = l.status_id
  LEFT JOIN accounts_user u ON u.id = l.owner_id
 WHERE l.organization_id = :org AND l.id {NOT_DELETED} AND :where ORDER BY :order LIMIT :limit"""
MESSAGES = f"""SELECT m.id, m.organization_id, m.lead_id, m.contact_id, m.sender_id, m.user_id,
  m.template_id, m.direction, m.status, m.text, m.remote_phone, m.local_phone, m.segments, m.reason,
  m.automatic, m.media, m.replaces_id, m.handled, m.handled_by_id, m.created, m.scheduled,
  l.id, l.name, c.id, c.name, u.id, u.username, u.first_name, u.last_name
  FROM messaging_smsmessage m JOIN leads_lead l ON l.id = m.lead_id
  LEFT JOIN leads_contact c ON c.id = m.contact_id LEFT JOIN accounts_user u ON u.id = m.user_id
 WHERE m.organization_id = :org AND m.lead_id {NOT_DELETED} AND :where
 ORDER BY :order LIMIT :limit"""
PAGES = {"lead": LEADS, "message": MESSAGES}
COUNTS = {
    "lead": "SELECT count(*) FROM (SELECT FROM leads_lead l WHERE l.organization_id = :org"
    f" AND l.id {NOT_DELETED} AND :where LIMIT :limit) rows",
    "message": "SELECT count(*) FROM (SELECT FROM messaging_smsmessage m"
    f" WHERE m.organization_id = :org AND m.lead_id {NOT_DELETED} AND :where LIMIT :limit) rows",
}
ORDERS = {
    "lead": "l.last_activity_at DESC, l.id DESC",
    "message": "m.created DESC, m.id DESC",
}
Ways = tuple[str, ...]


@dataclass(frozen=True)
class Hand:
    """How a person would write a search: some conditions of which the best counts, and an order."""

    ways: Ways
    order: str = ""
    limit: int | None = None

    def pages(self, model: str) -> Iterator[str]:
        yield from self._filled(PAGES[model], self.order or ORDERS[model], self.limit or 51)

    def counts(self, model: str) -> Iterator[str]:
        yield from self._filled(COUNTS[model], "", self.limit or 10_001)

    def _filled(self, sql: str, order: str, limit: int) -> Iterator[str]:
        for way in self.ways:
            filled = sql.replace(":where", way).replace(":order", order)
            yield filled.replace(":limit", str(limit))


def ago(days: int) -> str:
    """Return the same time of day, so many days ago, as searches read it."""
    return f"((now() AT TIME ZONE {ZONE} - interval '{days} days') AT TIME ZONE {ZONE})"


def day(offset: int = 0, unit: str = "day") -> str:
    """Return the beginning of a day or month in the organization's time zone."""
    local = f"date_trunc('{unit}', now() AT TIME ZONE {ZONE}) + interval '{offset} {unit}'"
    return f"(({local}) AT TIME ZONE {ZONE})"


def related(key: str, table: str, of: str, condition: str, rest: str = "true") -> Ways:
    """Return ways to find rows by related ones: look for all of these first, or for each row."""
    rows = f"FROM {table} WHERE {of}.organization_id = :org AND {condition}"
    parent = {"lead": f"{of}.lead_id", "message": f"{of}.message_id"}.get(key, key)
    ours = {"message": "m.id"}.get(key, "l.id")
    return (
        f"{ours} IN (SELECT {parent} {rows}) AND {rest}",
        f"EXISTS (SELECT {rows} AND {parent} = {ours}) AND {rest}",
        f"{ours} = ANY (ARRAY(SELECT {parent} {rows})) AND {rest}",
    )


def texts(condition: str, rest: str = "true") -> Ways:
    return related("lead", "messaging_smsmessage m", "m", condition, rest)


def failed_texts(condition: str) -> Ways:
    """Return ways with a condition more: only leads that have a failed text."""
    failed = f"m.status = 'error' AND {condition}"
    return texts(failed) + texts(failed, "l.failed_sms_count > 0")


def words(query: str, kind: str = "", rest: str = "true") -> Ways:
    kinds = f" AND w.kind = '{kind}'" if kind else ""
    condition = f"w.words @@ '{query}'::tsquery{kinds}"
    return related("lead", "leads_leadwords w", "w", condition, rest)


def phones(condition: str) -> Ways:
    table = "leads_contactphone p JOIN leads_contact c ON c.id = p.contact_id"
    return related("c.lead_id", table, "p", condition)


def emails(condition: str) -> Ways:
    table = "leads_contactemail e JOIN leads_contact c ON c.id = e.contact_id"
    return related("c.lead_id", table, "e", condition)


def vector(column: str) -> str:
    return f"to_tsvector('simple', search_words({column}))"


def text(query: str) -> str:
    return f"{vector('m.text')} @@ '{query}'::tsquery"


def status(*labels: str) -> str:
    names = ", ".join(f"'{label}'" for label in labels)
    ids = f"SELECT id FROM leads_leadstatus WHERE organization_id = :org AND label IN ({names})"
    return f"l.status_id = ANY (ARRAY({ids}))"


def found_first(condition: str) -> Ways:
    """Return two ways to find texts: in the order of the page, or all of them first."""
    rows = f"SELECT m.id FROM messaging_smsmessage m WHERE m.organization_id = :org AND {condition}"
    return (condition, f"m.id = ANY (ARRAY({rows}))")


def texts_of_leads(condition: str, rest: str = "true") -> Ways:
    leads = f"FROM leads_lead l WHERE l.organization_id = :org AND {condition}"
    return (
        f"m.lead_id IN (SELECT l.id {leads}) AND {rest}",
        f"EXISTS (SELECT {leads} AND l.id = m.lead_id) AND {rest}",
    )


def attempts(condition: str, table: str = "messaging_attempt a") -> Ways:
    return related("message", table, "a", condition)


SMITH, CRAWFORD = "xsmith:*", "xcrawford:*"
APPOINTMENT, NOTHING, LOLOVE = text("xappointment:*"), text("xzzqqx:*"), text("xlolove:*")
BILL = (
    "CASE WHEN jsonb_typeof(l.custom -> 'Monthly bill') = 'number'"
    " THEN (l.custom ->> 'Monthly bill')::float8 END"
)


def bills(condition: str) -> Ways:
    return related("lead", "leads_leadnumber n", "n", f"n.key = 'Monthly bill' AND {condition}")


OF_FIRST_OWNER = (
    "l.owner_id = (SELECT id FROM accounts_user WHERE organization_id = :org"
    " ORDER BY username LIMIT 1)"
)
SPAM = "m.reason = 'spam'"
IN_THE_MONTH = f"m.created >= {ago(30)}"
FAILED_TODAY = f"m.created >= {day()} AND m.created < {day(1)}"
FIRST_THIS_MONTH = f"l.first_sms_at >= {day(0, 'month')} AND l.last_sms_at >= {day(0, 'month')}"
LEADS_BY_HAND: dict[str, str | Ways | Hand] = {
    "": "true",
    "failed_sms > 1": "l.failed_sms_count > 1",
    "has:error_sms_messages": "l.failed_sms_count > 0",
    "latest_sms_status:error": "l.latest_sms_failed",
    "not has:sms": "l.sms_count = 0",
    "sms(created:today direction:outgoing status:error)": failed_texts(
        f"m.direction = 'outgoing' AND {FAILED_TODAY}"
    ),
    "status:qualified failed_sms > 0 sms(created < 30 days ago)": (
        f"l.failed_sms_count > 0 AND {status('Qualified')} AND l.last_sms_at >= {ago(30)}"
    ),
    'sms(text:"appointment" status:error)': failed_texts(text("xappointment")),
    "crawford": words(CRAWFORD),
    "smith": words(SMITH),
    "name:smith": words(SMITH, "name"),
    'ada "new york"': words("xada:*", rest=words("xnew <-> xyork")[0]),
    "name:zzqqx": words("xzzqqx:*", "name"),
    "phone:415": phones("p.phone LIKE '+1415%'"),
    "phone:415555": phones("p.phone LIKE '%415555%'"),
    "415555": (
        "(" + phones("p.phone LIKE '%415555%'")[0] + " OR " + words("x415555:*")[0] + ")",
        "(" + phones("p.phone LIKE '%415555%'")[1] + " OR " + words("x415555:*")[1] + ")",
    ),
    'phone in ("+18004445555", "+16503334444")': phones(
        "p.phone IN ('+18004445555', '+16503334444')"
    ),
    "email:@acme.example": emails(
        "lower(substring(e.email, strpos(e.email, '@') + 1)) = 'acme.example'"
    ),
    "email:ada.smith": words("xada <-> xsmith:*", "email"),
    "contacts > 1": "l.contact_count > 1",
    "sort:-contacts,-created": Hand(("true",), "l.contact_count DESC, l.created DESC, l.id DESC"),
    '"Monthly bill" > 4900': (f"{BILL} > 4900", *bills("n.value > 4900")),
    # Enough leads have a number, and the first owner has enough leads.
    'sort:-"Monthly bill"': Hand(
        ("true", *bills("true ORDER BY n.value DESC, n.lead_id DESC LIMIT 51")[::2]),
        f"{BILL} DESC NULLS LAST, l.id DESC",
    ),
    "Source:Website": (
        """l.custom @> '{"Source": "Website"}'""",
        "l.custom ->> 'Source' = 'Website'",
    ),
    "custom.Utility:* sort:created": Hand(("l.custom ->> 'Utility' <> ''",), "l.created, l.id"),
    "sort:-last_sms": Hand(("true",), "l.last_sms_at DESC NULLS LAST, l.id DESC"),
    "sort:owner": Hand(("true", OF_FIRST_OWNER), "u.username NULLS LAST, l.id"),
    "sort:created": Hand(("true",), "l.created, l.id"),
    "owner:me last_activity > 14 days ago": (
        f"l.owner_id = :user AND l.last_activity_at < {ago(14)}"
    ),
    "status:qualified or status:customer": status("Qualified", "Customer"),
    "created < 30 days ago": f"l.created >= {ago(30)}",
    "sort:created slice:2/10 contacts > 1": Hand(
        ("l.contact_count > 1 AND l.id % 10 = 1",), "l.created, l.id"
    ),
    'first_sms:"this month"': FIRST_THIS_MONTH,
    "last_incoming_sms:today": texts(
        f"m.direction = 'incoming' AND m.created >= {day()}", f"l.last_sms_at >= {day()}"
    ),
    "last_outgoing_sms:never has:sms": "l.sms_count = l.received_sms_count AND l.sms_count > 0",
    "sms(direction:outgoing) not sms(status:sent)": (
        "l.sms_count > l.received_sms_count AND l.sent_sms_count = 0"
    ),
    "in:Spam": failed_texts(SPAM),
    "in:Nested slice:1/3": texts(SPAM, "l.failed_sms_count > 1 AND l.id % 3 = 0"),
    "note(text:budget)": related(
        "lead", "leads_note n", "n", f"{vector('n.text')} @@ 'xbudget:*'::tsquery"
    ),
    "address(city:oakland state:CA)": related(
        "lead",
        "leads_address d",
        "d",
        f"{vector('d.city')} @@ 'xoakland:*'::tsquery AND {vector('d.state')} @@ 'xca:*'::tsquery",
    ),
    # Two operators of one index, because PostgreSQL would take the one of digits for `=`.
    "has:opted_out": related(
        "c.lead_id",
        "messaging_optout o JOIN messaging_recipient r ON r.id = o.recipient_id"
        " JOIN leads_contactphone p ON p.organization_id = o.organization_id"
        " AND p.phone ~>=~ r.phone AND p.phone ~<=~ r.phone"
        " JOIN leads_contact c ON c.id = p.contact_id",
        "o",
        "o.ended IS NULL",
    ),
    "sms(user:me status:error)": failed_texts("m.user_id = :user"),
    "sms(error_code:30007)": texts("m.codes = '30007'"),
    "sms(template:*)": texts("m.template_id IS NOT NULL"),
    "sms(text:appointment)": texts(APPOINTMENT),
    "sms(text:zzqqx)": texts(NOTHING),
    "sms(text:lolove)": texts(LOLOVE),
    "name:smith or sms(created:today status:error)": tuple(
        f"({word} OR {failed})"
        for word, failed in zip(
            words(SMITH, "name"), texts(f"m.status = 'error' AND {FAILED_TODAY}"), strict=True
        )
    ),
    "sms(reason:spam created < 30 days ago)": failed_texts(f"{SPAM} AND {IN_THE_MONTH}"),
    "not sms(created < 400 days ago) has:sms": f"l.last_sms_at < {ago(400)} AND l.sms_count > 0",
    "num_sent_sms > 100 sort:-num_sent_sms": Hand(
        ("l.sent_sms_count > 100 AND l.has_many_sms",), "l.sent_sms_count DESC, l.id DESC"
    ),
    "failed_sms > 1 owner:me sort:-failed_sms": Hand(
        ("l.failed_sms_count > 1 AND l.owner_id = :user",), "l.failed_sms_count DESC, l.id DESC"
    ),
    "has:scheduled_sms": texts("m.status = 'scheduled'"),
    "has:outgoing_sms": "l.sms_count > l.received_sms_count",
    "sms(segments > 1)": texts("m.segments > 1"),
    "sms(created < 30 days ago)": f"l.last_sms_at >= {ago(30)}",
    "sms(date < 200 days ago status:error direction:outbound)": failed_texts(
        f"m.direction = 'outgoing' AND m.created >= {ago(200)}"
    ),
    'sms(text:"see you" direction:incoming) not status:customer': texts(
        f"{text('xsee <-> xyou')} AND m.direction = 'incoming'", f"NOT {status('Customer')}"
    ),
    "sms(status:error) limit:5": Hand(("l.failed_sms_count > 0",), limit=5),
    "has:phone_numbers has:email_addresses": "l.phone_count > 0 AND l.email_count > 0",
    'status:"Bad Fit" or not has:contacts': f"({status('Bad Fit')} OR l.contact_count = 0)",
    "notes = 0": "l.note_count = 0",
    "sms(to:415)": texts("m.remote_phone LIKE '+1415%'"),
    "sms_messages > 500": "l.sms_count > 500 AND l.has_many_sms",
    "description:fair": words("xfair:*", "description"),
    "contact:smith": words(SMITH, "contact"),
    "contact:zzqqx": words("xzzqqx:*", "contact"),
}
MESSAGES_BY_HAND: dict[str, str | Ways | Hand] = {
    "": "true",
    "status:error": "m.status = 'error'",
    "text:appointment": found_first(APPOINTMENT),
    "appointment status:error": found_first(f"m.status = 'error' AND {APPOINTMENT}"),
    "reason:spam": SPAM,
    "created:today": FAILED_TODAY,
    "to:415": found_first("m.remote_phone LIKE '+1415%'"),
    "user:me": "m.user_id = :user",
    "error_code:30006": "m.codes = '30006'",
    "lead(status:qualified)": texts_of_leads(status("Qualified")),
    "direction:incoming": "m.direction = 'incoming'",
    "receipt:delivered": "m.receipt = 'delivered'",
    "segments > 1": "m.segments > 1",
    "template:*": "m.template_id IS NOT NULL",
    "status:scheduled": "m.status = 'scheduled'",
    "lead(failed_sms > 1) status:error": texts_of_leads(
        "l.failed_sms_count > 1", "m.status = 'error'"
    ),
    "scheduled > now": found_first("m.scheduled >= now()"),
    "text:zzqqx": found_first(NOTHING),
    "sent:yesterday": f"m.sent >= {day(-1)} AND m.sent < {day()}",
    "lead(owner:me)": texts_of_leads("l.owner_id = :user"),
    "from:212": "m.local_phone LIKE '+1212%'",
    "attempts > 1": attempts("a.number > 1"),
    "user:me status:error created < 30 days ago": (
        f"m.user_id = :user AND m.status = 'error' AND {IN_THE_MONTH}"
    ),
    "sort:created": Hand(("true",), "m.created, m.id"),
    "sort:-sent": Hand(("true",), "m.sent DESC NULLS LAST, m.id DESC"),
    'to:"+12125551234"': "m.remote_phone = '+12125551234'",
    "text:lolove": found_first(LOLOVE),
    "lead(name:smith)": tuple(way.replace("l.id", "m.lead_id") for way in words(SMITH, "name")),
    "not status:sent direction:outgoing": "m.status <> 'sent' AND m.direction = 'outgoing'",
    "number:5551234": "(m.remote_phone LIKE '%5551234%' OR m.local_phone LIKE '%5551234%')",
    # By hand in one statement. In steps, it's ours.
    "sort:-segments,-created": Hand(("true",), "m.segments DESC, m.created DESC, m.id DESC"),
}
BY_HAND = {"lead": LEADS_BY_HAND, "message": MESSAGES_BY_HAND}


def by_hand(model: str, query: str) -> Hand:
    found = BY_HAND[model][query]
    if isinstance(found, Hand):
        return found
    return Hand((found,) if isinstance(found, str) else found)
