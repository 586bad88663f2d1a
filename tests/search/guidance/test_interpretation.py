"""Test the interpretation: one sentence per query, with the span of relative dates."""

from datetime import datetime

import pytest

from search import run
from smscenter.accounts.models import User

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("acme", "customs")]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "All leads"),
        ("*", "All leads"),
        (
            "sms(created:today direction:outgoing status:error)",
            (
                "Leads with an SMS that was created today (Nov 23, 2026) and is outgoing "
                "and has status error"
            ),
        ),
        (
            "sms(reason:not_sms_capable or status:inbox or encoding:gsm-7)",
            (
                "Leads with an SMS that has failure reason landline or has status received "
                "or has encoding GSM-7"
            ),
        ),
        (
            "created < 3 days ago",
            "Leads created less than 3 days ago (since Nov 20, 2026, 4:55 PM)",
        ),
        (
            "sms(status:error direction:outgoing) or not has:note",
            "Leads with an SMS that has status error and is outgoing, or without a note",
        ),
        ("failed_sms > 1", "Leads with more than 1 failed SMS"),
        ("created:monday", "Leads created on Monday (Nov 23, 2026)"),
        ("sms(segments > 1)", "Leads with an SMS that has more than 1 segment"),
        ("sms(not has:handled)", "Leads with an SMS that isn't handled"),
        ("sms(lead(owner:me))", "Leads with an SMS that has a lead that is owned by you"),
        ("phone:4155550123", "Leads with phone number (415) 555-0123"),
        ("has:error_sms_messages", "Leads with a failed SMS"),
        ("latest_sms_status:error", "Leads with latest SMS status error"),
        ("not has:sms", "Leads without an SMS"),
        ("contacts > 1", "Leads with more than 1 contact"),
        ("contacts > 2", "Leads with more than 2 contacts"),
        ("addresses = 1", "Leads with 1 address"),
        ("notes:null", "Leads without notes"),
        ("failed_sms:2..5", "Leads with 2 to 5 failed SMS"),
        ("owner:*", "Leads owned by anyone"),
        ("owner:null", "Leads not owned by anyone"),
        ("phone:415", "Leads with phone number in area code 415"),
        (
            "status in (potential, customer, qualified)",
            "Leads with status Potential, Customer, or Qualified",
        ),
        ("name:🌞", 'Leads with "🌞" in the name'),
        (
            "last_activity > 14 days ago",
            "Leads last active more than 14 days ago (before Nov 9, 2026, 4:55 PM)",
        ),
        ("created:2026-11", "Leads created in November 2026"),
        ("created:last week", "Leads created last week (Nov 16, 2026 to Nov 22, 2026)"),
        ("created:2026-11-01..2026-11-07", "Leads created from Nov 1, 2026 to Nov 7, 2026"),
        (
            'john "new york"',
            'Leads with a word that begins with "john" and with the words "new york"',
        ),
        ("status in (potential, customer)", "Leads with status Potential or Customer"),
        ('name:""', "Leads without any name"),
        ("slice:2/10", "All leads, part 2 of 10"),
        (
            "owner:me sort:-created,name limit:5",
            "Leads owned by you, sorted by created (descending), then by name, at most 5",
        ),
    ],
)
def test_a_query_is_described(rep: User, now: datetime, text: str, sentence: str) -> None:
    assert run("lead", text, rep, now).interpretation == sentence


def test_queries_on_messages_are_described(rep: User, now: datetime) -> None:
    sentence = run("message", "status:error created:today", rep, now).interpretation

    assert sentence == "SMS with status error and created today (Nov 23, 2026)"


def test_times_are_described_in_the_users_time_zone(rep: User, now: datetime) -> None:
    rep.time_zone = "America/Los_Angeles"

    sentence = run("lead", "created < 3 days ago", rep, now).interpretation

    assert sentence.endswith("(since Nov 20, 2026, 1:55 PM)")
