"""Every code that ships is explained to the person whose text failed."""

from collections.abc import Iterator
from html import unescape
from itertools import groupby
from operator import itemgetter

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from messaging.carriers import StatusReport, shipped_codes
from messaging.carriers.shipped_codes import Rule
from messaging.diagnosis.failures import Failure
from messaging.models import Attempt, SmsMessage
from messaging.models.reason import Reason, Retry
from messaging.outgoing import results
from smscenter.accounts.models import User
from tests import factories
from tests.messaging import calls
from tests.messaging.desk import Desk

pytestmark = pytest.mark.once

FAILED = SmsMessage.Receipt.FAILED
# As many texts as a lead's page shows.
ON_A_PAGE = 25

Row = dict[str, str]


def fail(message: SmsMessage, row: Row) -> None:
    """Let the carrier accept the text, and then report this code."""
    sid = f"SM{message.pk}"
    attempt = calls.accepted(message, sid=sid)
    if row["carrier"] == "twilio":
        # The sandbox reports Twilio's codes. The worker processes a page of them together.
        status = {"MessageSid": sid, "MessageStatus": "undelivered"}
        form = calls.form(**status, ErrorCode=row["code"], ErrorMessage="No.")
        assert calls.post(reverse("webhook_status", args=["sandbox"]), form).status_code == 200
        return
    Attempt.objects.filter(pk=attempt.pk).update(carrier="desk")
    attempt.refresh_from_db()
    report = StatusReport(FAILED, row["code"], "No.")
    results.mark_undelivered(attempt, Failure.reported("desk", report))


def explanation(html: str, message: SmsMessage) -> str:
    """Return what opens next to the text."""
    return unescape(
        html.split(f'<div popover id="why-{message.pk}"')[1].split("<div popover", maxsplit=1)[0]
    )


def check(found: str, row: Row) -> None:
    """Check for a heading, an explanation, the code, and what to do next."""
    reason, retry = Reason(row["reason"]), Retry(row["retry"])
    if reason == Reason.UNSUPPORTED_COUNTRY:
        # The texts were to a US number, so it's about a permission of the account.
        reason = Reason.SENDER_CONFIG
    assert f"{reason.label}</h3>" in found, row
    assert reason.advice.meaning in found, row
    assert f"<code>{row['code']}</code>" in found, row
    assert reverse("help_article", args=[reason.help_slug]) in found, row
    assert ("Retrying automatically" in found) == retry.is_automatic, row
    assert row["fix"] in found, row
    assert ("What to do:" in found) or retry != Retry.UNTIL_FIXED, row


def by_carrier() -> Iterator[tuple[str, list[Row]]]:
    """Yield each carrier with its codes for failures."""
    rows = [row for row in shipped_codes.rows() if row["rule"] != Rule.NOT_A_FAILURE]
    for carrier, codes in groupby(rows, itemgetter("carrier")):
        yield carrier, list(codes)


def kind(row: Row) -> tuple[str, str, bool]:
    """Return what decides how a code is explained."""
    return row["reason"], row["retry"], bool(row["fix"])


@pytest.mark.usefixtures("desk")
def test_a_person_reads_why_each_kind_of_code_failed_and_what_to_do(
    as_rep: Client, rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: set[tuple[str, str, bool]] = set()
    for carrier, codes in by_carrier():
        monkeypatch.setattr(Desk, "code_map", carrier)
        new = {kind(row): row for row in codes if kind(row) not in seen}
        seen |= new.keys()
        if not new:
            continue
        lead = factories.lead(rep)
        texts = [(factories.message(lead), row) for row in new.values()]
        assert len(texts) <= ON_A_PAGE
        for message, row in texts:
            fail(message, row)
        calls.process()
        html = as_rep.get(lead.get_absolute_url()).content.decode()
        for message, row in texts:
            check(explanation(html, message), row)


@pytest.mark.usefixtures("desk", "db")
def test_each_code_is_read_as_it_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    for carrier, codes in by_carrier():
        monkeypatch.setattr(Desk, "code_map", carrier)
        for row in codes:
            failure = Failure.reported("desk", StatusReport(FAILED, row["code"], "No."))
            assert (failure.reason, failure.retry) == (row["reason"], row["retry"]), row
            assert failure.code == row["code"]


@pytest.mark.usefixtures("desk")
def test_the_help_page_lists_each_code(
    as_rep: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.CARRIERS = ["desk"]
    for carrier, codes in by_carrier():
        monkeypatch.setattr(Desk, "code_map", carrier)
        html = unescape(as_rep.get(reverse("help_codes")).content.decode())
        for row in codes:
            reason = Reason(row["reason"])
            shown = html.split(f"<code>{row['code']}</code>")[1].split("</tr>", maxsplit=1)[0]
            assert f">{reason.label}</a>" in shown, row
            assert row["title"] in shown, row
            assert Retry(row["retry"]).label in shown, row
            assert (row["fix"] or reason.advice.meaning) in shown, row
