"""Compare parsing with DjangoQL and luqum, and measure its share of a request."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import luqum.parser
from django.utils import timezone
from djangoql.parser import DjangoQLParser

from benchmarks.timing import analyze, report, time_alternately
from leads.models import Lead, LeadStatus
from leads.rows.lead_rows import COLUMNS
from messaging.models import SmsMessage
from search import parse
from search.answering.compiler import Compiler
from search.answering.paging import Order, page_of
from search.words.context import SearchContext
from search.words.vocabulary import get
from smscenter.accounts.models import User
from tests import factories

ROUNDS = 60
LEADS = 5_000
# At most 0.6 times the time of DjangoQL, which uses PLY and whose trees have no positions.
PARSING_BUDGET = 0.6
SHARE_BUDGET = 0.2

# The same queries in three languages: ours, DjangoQL's, and Lucene's (luqum).
QUERIES = [
    ("failed_sms > 1", "failed_sms_count > 1", "failed_sms:[2 TO *]"),
    ("has:error_sms_messages", "failed_sms_count > 0", "has:error_sms_messages"),
    (
        "sms(created:today status:error)",
        'messages.created > "2026-11-24" and messages.status = "error"',
        "created:today AND status:error",
    ),
    ("latest_sms_status:error", 'latest_sms_status = "error"', "latest_sms_status:error"),
    ('name:"john doe"', 'name ~ "john doe"', 'name:"john doe"'),
    (
        "status:qualified or status:customer",
        'status.label = "Qualified" or status.label = "Customer"',
        "status:qualified OR status:customer",
    ),
    (
        'phone in ("+18004445555", "+16503334444")',
        'name in ("+18004445555", "+16503334444")',
        'phone:("+18004445555" OR "+16503334444")',
    ),
    (
        "(status:potential not has:sms) created <= 2026-11-01",
        '(status.label = "Potential" and sms_count = 0) and created <= "2026-11-01"',
        "(status:potential AND NOT has:sms) AND created:[* TO 2026-11-01]",
    ),
]


def run_queries(function: Callable[[str], object], column: int) -> Callable[[], None]:
    def run_all() -> None:
        for row in QUERIES:
            function(row[column])

    return run_all


def fill() -> User:
    organization = factories.organization("language")
    for label in ("Potential", "Qualified", "Customer"):
        LeadStatus.objects.create(organization=organization, label=label)
    statuses = list(LeadStatus.objects.filter(organization=organization))
    user = factories.user(organization, "language")
    now = timezone.now()
    leads = Lead.objects.bulk_create(
        Lead(
            organization=organization,
            name=f"Lead {number}",
            status=statuses[number % len(statuses)],
            owner=user,
            created=now - timedelta(minutes=number),
        )
        for number in range(LEADS)
    )
    SmsMessage.objects.bulk_create(
        SmsMessage(
            organization=organization,
            lead=lead,
            direction="outgoing",
            status="error" if number % 10 == 0 else "sent",
            reason="spam" if number % 10 == 0 else "",
            text="A text",
            remote_phone=factories.MOBILE,
        )
        for number, lead in enumerate(leads)
    )
    analyze()
    return user


def compiled(text: str, user: User) -> object:
    return Compiler(text, get("lead"), SearchContext.of(user)).where(parse(text))


def page(text: str, user: User) -> object:
    rows = Lead.objects.visible_to(user).search(text, user=user)
    return page_of(rows, Order.by("last_activity_at", descending=True), columns=COLUMNS)


def run() -> None:
    ply = DjangoQLParser()
    parsing = {
        "DjangoQL, 8 queries": run_queries(ply.parse, 1),
        "ours": run_queries(parse, 0),
        "luqum": run_queries(luqum.parser.parser.parse, 2),
    }
    report(time_alternately(parsing, ROUNDS), PARSING_BUDGET)
    user = fill()
    request = {
        "a page of 50, 8 queries": run_queries(partial(page, user=user), 0),
        "of which parsing and compiling to Q": run_queries(partial(compiled, user=user), 0),
        "of which parsing": run_queries(parse, 0),
    }
    report(time_alternately(request, ROUNDS), SHARE_BUDGET)
