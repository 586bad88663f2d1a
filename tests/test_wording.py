"""Labels in sentences keep their proper names, and quotations have one pair of quotation marks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from leads.models import Lead
from messaging.composing import preflight
from messaging.models import Attempt, OptOut, Recipient
from messaging.models.reason import Reason
from smscenter.accounts.models import User
from smscenter.wording import lowerfirst, quote
from tests import factories

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("label", "inside"),
    [
        ("Outside the US and Canada", "outside the US and Canada"),
        ("US numbers only", "US numbers only"),
        ("Sent", "sent"),
        ("", ""),
    ],
)
def test_a_label_in_a_sentence_keeps_its_proper_names(label: str, inside: str) -> None:
    assert lowerfirst(label) == inside


@pytest.mark.parametrize(
    ("words", "quoted"),
    [
        ("STOP", "“STOP”"),
        ('"STOP"', "“STOP”"),
        ("“Stop”", "“Stop”"),
        ('please "stop" now', "“please 'stop' now”"),
        ("“Stop” or “end”", "“‘Stop’ or ‘end’”"),
        ('"', "“'”"),
    ],
)
def test_a_quotation_is_quoted_once(words: str, quoted: str) -> None:
    assert quote(words) == quoted


def test_no_template_lowercases_a_whole_label() -> None:
    for template in (ROOT / "templates").rglob("*.*"):
        assert "|lower " not in template.read_text().replace("}}", " ").replace("%}", " "), template


@pytest.fixture
def pages(as_rep: Client, rep: User, lead: Lead) -> Iterator[str]:
    """Yield the HTML of the pages that show a failed text to a foreign number."""
    message = factories.message(
        lead, status="error", reason=Reason.UNSUPPORTED_COUNTRY, remote_phone="+18765550123"
    )
    Attempt.objects.create(
        organization=lead.organization, message=message, carrier="sandbox", state="failed",
        code="21408", carrier_words='"Permission" denied', reason=Reason.UNSUPPORTED_COUNTRY,
    )  # fmt: skip
    support_request = factories.support_request(rep, kind="other", subject="?", body="?")
    support_request.attach([message])
    return (
        as_rep.get(page).content.decode()
        for page in (
            lead.get_absolute_url(),
            message.get_absolute_url(),
            support_request.get_absolute_url(),
        )
    )


def test_every_page_shows_the_label_of_the_reason(pages: Iterator[str]) -> None:
    for html in pages:
        assert Reason.UNSUPPORTED_COUNTRY.label.lower() in html.lower()


def test_no_page_quotes_a_quotation_twice(pages: Iterator[str]) -> None:
    for html in pages:
        assert "<q>&quot;" not in html
        assert "““" not in html


def opted_out(lead: Lead, sender: Any, words: str, *, certain: bool) -> list[str]:
    recipient = Recipient.objects.create(organization=lead.organization, phone=factories.MOBILE)
    OptOut.objects.create(
        organization=lead.organization, recipient=recipient, source="wording", words=words,
        certain=certain,
    )  # fmt: skip
    verdicts = preflight.check(
        organization=lead.organization, sender=sender, to=factories.MOBILE, text="Hello"
    )
    return [verdict.message for verdict in verdicts]


@pytest.mark.parametrize("certain", [True, False])
def test_an_opt_out_is_quoted_once(rep: User, lead: Lead, certain: bool) -> None:
    sender = factories.sender(lead.organization)
    [message, *_] = opted_out(lead, sender, "“Stop”", certain=certain)
    assert "“Stop”" in message
    assert "““" not in message


def test_an_opt_out_is_shown_with_commas(as_rep: Client, lead: Lead) -> None:
    factories.contact(lead)
    opted_out(lead, factories.sender(lead.organization), "Stop", certain=True)
    html = as_rep.get(lead.get_absolute_url()).content.decode()
    assert "Opted out in their own words, “Stop”, on " in html


def test_costly_quotation_marks_are_named(lead: Lead) -> None:
    sender = factories.sender(lead.organization)
    text = "He said “hello” to us. " * 4
    verdicts = preflight.check(
        organization=lead.organization, sender=sender, to=factories.MOBILE, text=text
    )
    [message] = [each.message for each in verdicts if each.code == "costly_characters"]
    assert message == (
        "This text takes 2 segments because of curly quotes. "
        "With plain characters it would be 1 segment."
    )
