"""Test common mistakes: each has an error or a warning, and every fix runs.

Each case is a text, the code of its error or warning, part of the message, the fix, and the rows
that the fix finds.
"""

import pytest

from search import run
from search.language.errors import Problem
from smscenter.accounts.models import User
from tests.search.conftest import NOW
from tests.search.results import names, query_error
from tests.search.words.test_leads import ALL, BAKERY, DOE, QUIET, ZURICH

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("acme", "customs", "extras")]

ERRORS: list[tuple[str, str, str, str, list[str]]] = [
    # Values of several words.
    ("status:bad fit", "unknown_value", "Put “Bad Fit” in quotes", 'status:"Bad Fit"', [DOE]),
    ("status:trial expired", "unknown_value", "in quotes", 'status:"Trial Expired"', []),
    ("status:'Bad Fit'", "unknown_value", "in quotes", 'status:"Bad Fit"', [DOE]),
    ("not status:bad fit john", "unknown_value", "in quotes", 'not status:"Bad Fit" john', []),
    (
        '"custom.Source CRM":web form',
        *("unknown_value", "in quotes", '"custom.Source CRM":"Web Form"', [BAKERY]),
    ),
    ("has:opted out", "unknown_value", "Write “opted out” as", "has:opted_out", [DOE]),
    # Operators of other languages.
    ("status==potential", "unexpected", "single =", "status=potential", [BAKERY]),
    ("failed_sms <> 1", "unexpected", "Use !=", "failed_sms != 1", ALL),
    ("failed_sms => 1", "unexpected", "Use >=", "failed_sms >= 1", [BAKERY]),
    ("failed_sms =< 1", "unexpected", "Use <=", "failed_sms <= 1", [DOE, QUIET, ZURICH]),
    ("john || blue", "unexpected", "Use `or`.", "john or blue", [BAKERY, DOE]),
    ("john||blue", "unexpected", "Use `or`.", "john or blue", [BAKERY, DOE]),
    ("john && doe", "unexpected", "space means “and”.", "john doe", [DOE]),
    # Lists.
    *(
        (text, "unexpected", message, "status in (potential, customer)", [BAKERY, QUIET])
        for text, message in (
            ("status:(potential or customer)", "as a list"),
            ("status:(potential, customer)", "as a list"),
            ("status:potential,customer", "as a list"),
            ("status in (potential customer)", "commas"),
            ("status in potential, customer", "parentheses"),
        )
    ),
    (
        'status in ("potential" "customer")',
        *("unexpected", "commas", 'status in ("potential", "customer")', [BAKERY, QUIET]),
    ),
    ("status in (bad fit)", "unexpected", "quotes", 'status in ("bad fit")', [DOE]),
    ("name:(menlo park)", "unexpected", "quotes", 'name:"menlo park"', []),
    ("name:(john doe)", "unexpected", "quotes", 'name:"john doe"', [DOE]),
    ("name:Doe, John", "unexpected", "list", "name in (Doe, John)", [DOE]),
    ("Menlo Park, Wedding", "unexpected", "Use commas only", "Menlo Park Wedding", [BAKERY]),
    # Negation.
    ("status:-potential", "unknown_value", "put not", "not status:potential", [DOE, QUIET, ZURICH]),
    ("status:!potential", "unknown_value", "put not", "not status:potential", [DOE, QUIET, ZURICH]),
    ("name:-john", "unknown_value", "put not", "not name:john", [BAKERY, QUIET, ZURICH]),
    ("has:-sms", "unknown_value", "", "not has:sms", [QUIET]),
    # Groups.
    ("sms (status:error)", "unknown_value", "without a space", "sms(status:error)", [BAKERY]),
    ("sms.status:error", "unknown_field", "parentheses", "sms(status:error)", [BAKERY]),
    ("status:error", "unknown_value", "valid value", "sms(status:error)", [BAKERY]),
    ("direction:incoming", "unknown_field", "search field", "sms(direction:incoming)", [ZURICH]),
    # Values that need quotes.
    ("phone:(415) 555-0123", "unexpected", "quotes", 'phone:"(415) 555-0123"', [BAKERY]),
    (
        "https://bluebird.example.com/cakes",
        "unknown_field",
        "web address",
        '"https://bluebird.example.com/cakes"',
        [BAKERY],
    ),
    # Date formats of the US and other countries.
    *(
        (f"created:{typed}", "bad_date", "isn't a date", f"created:{fix}", names)
        for typed, fix, names in (
            ("11/25/2026", "2026-11-25", []),
            ("11/25", "2026-11-25", []),
            ("11/3", "2026-11-03", [ZURICH]),
            ("11/21/26", "2026-11-21", [BAKERY]),
            ("2026-11-3", "2026-11-03", [ZURICH]),
            ("2026/11/03", "2026-11-03", [ZURICH]),
            ("nov 25", "2026-11-25", []),
            ("nov 3", "2026-11-03", [ZURICH]),
            ("November 3rd", "2026-11-03", [ZURICH]),
            ('"Nov 3, 2026"', "2026-11-03", [ZURICH]),
            ("25.11.2026", "2026-11-25", []),
            ("november", "2026-11", [BAKERY, ZURICH]),
            ("last monday", "monday", []),
            ("mon", "monday", []),
            ("sat", "saturday", [BAKERY]),
            ("11/01/2026..11/07/2026", "2026-11-01..2026-11-07", [ZURICH]),
        )
    ),
    ("created:nov 3, 2026", "unexpected", "isn't a date", "created:2026-11-03", [ZURICH]),
    ("created:next friday", "bad_date", "isn't a date", "created:2026-11-27", []),
    # Ages.
    *(
        (f"created{typed}", "bad_date", "isn't a date", f"created < {fix} ago", names)
        for typed, fix, names in (
            (":7d", "7 days", [BAKERY]),
            (":24h", "24 hours", []),
            (":-7d", "7 days", [BAKERY]),
            (":10mins ago", "10 mins", []),
            (":a week ago", "1 week", [BAKERY]),
            (":past 7 days", "7 days", [BAKERY]),
            (":2 weeks", "2 weeks", [BAKERY]),
            (" >= -7d", "7 days", [BAKERY]),
            (" < 4 wks", "4 weeks", [BAKERY, ZURICH]),
        )
        if ">=" not in typed
    ),
    ("created >= -7d", "bad_date", "isn't a date", "created <= 7 days ago", [BAKERY]),
    # Numbers.
    (
        '"Monthly Billable Amount" < 1,000',
        *("unexpected", "commas", '"Monthly Billable Amount" < 1000', [BAKERY, DOE]),
    ),
    ("custom.score:1,000", "unexpected", "commas", "custom.score:1000", []),
    ("failed_sms > 1;", "bad_number", "isn't a number", "failed_sms > 1", [BAKERY]),
    ("failed_sms:'2'", "bad_number", "isn't a number", "failed_sms:2", [BAKERY]),
    ("failed_sms > 1,", "unexpected", "at the end", "failed_sms > 1", [BAKERY]),
    # Directives.
    ("sort:created desc, name", "unexpected", "minus sign", "sort:-created,name", ALL),
    # Fields of other models.
    *(
        (text, "not_tracked", "tracked here", "", [])
        for text in (
            *("called > 0", "last_called:today", "last_emailed:today", "opportunity_user:me"),
            *("status_type:won", "activities > 1", "recording_duration > 3", "is_complete:yes"),
            *("sequence_subscription:x", "notifications:x", "has:calls", "call(x)"),
        )
    ),
    ("emails = 0", "not_tracked", "email_addresses", "email_addresses = 0", [DOE, QUIET, ZURICH]),
    ("has:emails", "not_tracked", "email_addresses", "has:email_addresses", [BAKERY]),
    ("lead_status_id:stat_1f2", "unknown_value", "isn't a status ID", "", []),
    # Two mistakes at once.
    ("statsu:potentail", "unknown_field", "Did you mean `status`", "status:Potential", [BAKERY]),
]

WARNINGS: list[tuple[str, str, str, str, list[str]]] = [
    # A list with or.
    (
        "status:potential or customer",
        *("bare_word", "as a word", "status in (potential, customer)", [BAKERY, QUIET]),
    ),
    (
        "status:potential or bad fit",
        *("bare_word", "as a word", 'status in (potential, "bad fit")', [BAKERY, DOE]),
    ),
    (
        "owner:rita or justin",
        "bare_word",
        "as a word",
        "owner in (rita, justin)",
        [BAKERY, DOE, ZURICH],
    ),
    # A field name on its own.
    *(
        (text, "bare_word", "is a search field", fix, names)
        for text, fix, names in (
            ("status", "status:*", ALL),
            ("status in potential", "status in (potential)", [BAKERY]),
            ("status is null", 'status:""', []),
            ("status is not null", "status:*", ALL),
            ("status is potential", "status:potential", [BAKERY]),
            ('status like "pot%"', "status:Potential", [BAKERY]),
            ('name like "blue%"', "name:blue", [BAKERY]),
            ("failed_sms between 1 and 2", "failed_sms:1..2", [BAKERY]),
            ("failed_sms more than 1", "failed_sms > 1", [BAKERY]),
            ("created within 7 days", "created < 7 days ago", [BAKERY]),
            ("created in the last 7 days", "created < 7 days ago", [BAKERY]),
            ("status potential", "status:potential", [BAKERY]),
            ("john status", "john status:*", [DOE]),
            ("john or status potential", "john or status:potential", [BAKERY, DOE]),
        )
    ),
    ("has sms", "bare_word", "Use :", "has:sms", [BAKERY, DOE, ZURICH]),
    ("contact (ada)", "bare_word", "group of search fields", "contact(ada)", [BAKERY]),
    ("sms (error) john", "bare_word", "group of search fields", "sms(error) john", []),
    ("sort:name desc", "bare_word", "minus sign", "sort:-name", ALL),
    ("sort:name asc", "bare_word", "as a word", "sort:name", ALL),
    (
        'custom."Migration completed":*',
        *("bare_word", "whole name", '"custom.Migration completed":*', [BAKERY]),
    ),
    # Words that are probably fields or keywords.
    ("failed today", "bare_word", "as words", "sms(created:today status:error)", [BAKERY]),
    ("error", "bare_word", "as a word", "has:error_sms_messages", [BAKERY]),
    ("spam", "bare_word", "as a word", "sms(reason:spam)", [BAKERY]),
    ("opted out", "bare_word", "as words", "has:opted_out", [DOE]),
    ("bad fit", "bare_word", "as words", 'status:"Bad Fit"', [DOE]),
    ("hot leads", "bare_word", "as words", 'in:"Hot leads"', [BAKERY]),
    # Terms that can't match anything.
    (
        "created:2026-11-25..2026-11-01",
        *("never_matches", "is backwards", "created:2026-11-01..2026-11-25", [BAKERY, ZURICH]),
    ),
    ("failed_sms:2..-10", "never_matches", "is backwards", "failed_sms:-10..2", ALL),
    ("notes:1.5", "never_matches", "whole number", "notes:1", [DOE]),
    ("name:%", "never_matches", "no letters or digits", "", []),
    # Unquoted values of several words.
    ("phone:415 555 0123", "unquoted_words", "Only “415”", 'phone:"415 555 0123"', [BAKERY]),
    ("phone:+1 (415) 555-0123", "unquoted_words", "Only", 'phone:"+1 (415) 555-0123"', [BAKERY]),
    ("john …", "no_words", "has no letters or digits and was ignored", "john", [DOE]),
    # Fields of other systems.
    ("emails", "not_tracked", "tracked here", "", []),
    ("last_called", "not_tracked", "tracked here", "", []),
]


def fixed(problem: Problem, fix: str, found: list[str], rep: User) -> None:
    queries = [each.query for each in problem.fixes]
    assert (fix in queries) if fix else not queries, queries
    for query in queries:
        names(query, rep)
    if fix:
        assert names(fix, rep) == found


@pytest.mark.parametrize(
    ("text", "code", "expected", "fix", "found"), ERRORS, ids=[r[0] for r in ERRORS]
)
def test_a_syntax_mistake_has_a_fix(
    rep: User, text: str, code: str, expected: str, fix: str, found: list[str]
) -> None:
    problem = query_error(text, rep)

    assert problem.code == code
    assert expected in f"{problem.message} {problem.hint}"
    assert 0 <= problem.start < problem.end <= len(text)
    fixed(problem, fix, found, rep)


@pytest.mark.parametrize(
    ("text", "code", "expected", "fix", "found"), WARNINGS, ids=[r[0] for r in WARNINGS]
)
def test_a_suspicious_query_runs_with_a_warning_and_a_fix(
    rep: User, text: str, code: str, expected: str, fix: str, found: list[str]
) -> None:
    warnings = run("lead", text, rep, NOW).warnings

    [warning] = [each for each in warnings if each.code == code]
    assert expected in f"{warning.message} {warning.hint}"
    assert 0 <= warning.start < warning.end <= len(text)
    fixed(warning, fix, found, rep)


@pytest.mark.parametrize(
    "text", ["-status:potential", "thanks from bob", "made in china", "to john", "415-555", "-5"]
)
def test_correct_queries_have_no_warnings(rep: User, text: str) -> None:
    assert run("lead", text, rep, NOW).warnings == ()
