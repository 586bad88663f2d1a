"""Every code that ships is explained to the person whose text failed."""

from collections.abc import Iterator
from html import unescape
from itertools import groupby, islice
from operator import itemgetter

import pytest
from django.test import Client
from django.urls import reverse

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

FAILED = SmsMessage.Receipt.FAILED
# As many texts as a lead's page shows.
ON_A_PAGE = 25

Row = dict[str, str]


def fail(message: SmsMessage, row: Row) -> None:
    """Let the carrier accept the text, and then report this code."""
    sid = f"SM{message.pk}"
    attempt = calls.accepted(message, sid=sid)
    if row["carrier"] == "twilio":
        # The sandbox reports Twilio's codes.
        assert calls.report("undelivered", row["code"], words="No.", sid=sid).status_code == 200
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


def pages() -> Iterator[list[Row]]:
    """Yield the codes in pages, each with those of one carrier."""
    rows = [row for row in shipped_codes.rows() if row["rule"] != Rule.NOT_A_FAILURE]
    for _, codes in groupby(rows, itemgetter("carrier")):
        while page := list(islice(codes, ON_A_PAGE)):
            yield page


@pytest.mark.once
@pytest.mark.usefixtures("desk")
def test_a_person_reads_why_each_code_failed_and_what_to_do(
    as_rep: Client, rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for page in pages():
        monkeypatch.setattr(Desk, "code_map", page[0]["carrier"])
        lead = factories.lead(rep)
        texts = [(factories.message(lead), row) for row in page]
        for message, row in texts:
            fail(message, row)
        html = as_rep.get(lead.get_absolute_url()).content.decode()
        for message, row in texts:
            check(explanation(html, message), row)
