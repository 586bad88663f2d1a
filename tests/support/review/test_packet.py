"""Test the carrier packet as text, PDF, CSV, and email."""

import csv
import re
from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from messaging.models import Attempt, Consent, SenderNumber
from smscenter.accounts.models import Organization, User
from smscenter.support.models import Mail, SupportRequest
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from smscenter.support.review import pdf
from smscenter.support.review.actions import add_note
from smscenter.support.review.packet import packet_of
from tests import factories
from tests.support.review.conftest import Bring, Post

pytestmark = pytest.mark.once


@pytest.fixture
def complete(
    waiting: SupportRequest, rep: User, blocked_attempt: Callable[..., Attempt]
) -> SupportRequest:
    waiting.attach([blocked_attempt(f"Text {number}").message for number in range(3)])
    factories.evidence(waiting, rep, "form.txt")
    return waiting


def download(client: Client, support_request: SupportRequest, ending: str) -> bytes:
    response = client.get(reverse("review_packet", args=[support_request.pk, ending]))
    assert response.status_code == 200
    name = f'attachment; filename="request-{support_request.pk}.{ending}"'
    assert response.headers["Content-Disposition"] == name
    return bytes(response.content)


def test_the_text_has_everything_that_carriers_require(
    as_supporter: Client, complete: SupportRequest, supporter: User
) -> None:
    add_note(complete, supporter, "An internal note")
    text = download(as_supporter, complete, "txt").decode()
    for detail in (
        "+12125550100",
        "Website address: https://acme.example",
        "Type of content: Replies to inquiries",
        "Hi Ada, this is Rita from Acme.",
        "Did the recipient opt in at some point? Yes",
        "They filled in our form.",
        "How your texts explain opting out: not provided",
        "form.txt, SHA-256",
        "30007 Message filtered",
        *Attempt.objects.values_list("carrier_id", flat=True),
    ):
        assert detail in text, detail
    assert "An internal note" not in text
    assert "Consent on record" not in text
    page = as_supporter.get(f"/review/{complete.pk}/").content.decode()
    page = page.replace("&#x27;", "'").replace("&quot;", '"')
    assert without_time(text) in without_time(page)


def test_the_current_consent_of_each_recipient_is_proof(
    as_supporter: Client, complete: SupportRequest, rep: User, stranger: User
) -> None:
    def record(organization: Organization | None, wording: str, **fields: Any) -> None:
        assert organization is not None
        Consent.objects.record(
            organization,
            factories.MOBILE,
            method="Web form",
            wording=wording,
            recorded_by=rep,
            **fields,
        )

    record(rep.organization, "I agreed once.")
    record(rep.organization, "I agree to texts.", version="2026-02", page="https://acme.example/me")
    record(stranger.organization, "Not theirs.")
    text = download(as_supporter, complete, "txt").decode()
    proof = text[text.index("Consent on record") : text.index("Blocked texts")]
    for shown in (
        f"{factories.MOBILE}:\n    Agreed: ",
        "How: Web form",
        "Web page: https://acme.example/me",
        "Wording: I agree to texts.",
        "Version: 2026-02",
        "Recorded: ",
    ):
        assert shown in proof
    for hidden in ("I agreed once.", "Not theirs.", str(rep)):
        assert hidden not in proof
    assert download(as_supporter, complete, "pdf").startswith(b"%PDF")
    page = as_supporter.get(f"/review/{complete.pk}/").content.decode()
    recipients = page[page.index('id="recipients"') :]
    assert "<q>I agree to texts.</q> (version 2026-02)" in recipients
    assert "I agreed once." not in recipients


def test_the_text_has_the_registration_of_the_number(
    as_supporter: Client, complete: SupportRequest
) -> None:
    SenderNumber.objects.update(
        registration="10dlc", brand_status="approved", brand_id="B123", registered=False
    )
    text = download(as_supporter, complete, "txt").decode()
    assert "Registered with the carriers: no" in text
    assert "10DLC brand: Approved, B123" in text
    assert "10DLC campaign: Not submitted" in text


def without_time(packet: str) -> str:
    """Remove the time of a packet, because the next one can be a second later."""
    return re.sub(r"(Our reference: request \d+), .* UTC", r"\1", packet)


def test_the_table_has_a_row_for_each_blocked_attempt(
    as_supporter: Client, complete: SupportRequest
) -> None:
    text = download(as_supporter, complete, "csv").decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    assert {row["carrier id"] for row in rows} == set(
        Attempt.objects.values_list("carrier_id", flat=True)
    )
    assert {row["code"] for row in rows} == {"30007"}
    assert {row["from"] for row in rows} == {factories.OUR_NUMBER}
    assert {row["to"] for row in rows} == {factories.MOBILE}


@pytest.mark.parametrize(
    "formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＠A1"]
)
def test_cells_are_never_formulas(
    as_supporter: Client,
    waiting: SupportRequest,
    blocked_attempt: Callable[..., Attempt],
    formula: str,
) -> None:
    waiting.attach([blocked_attempt(formula).message])
    text = download(as_supporter, waiting, "csv").decode("utf-8-sig")
    [row] = csv.DictReader(StringIO(text, newline=""))
    assert row["text"] == f"'{formula}"


def test_the_pdf_accepts_any_text(as_supporter: Client, complete: SupportRequest) -> None:
    SupportRequest.objects.update(
        content_type="Zürich “quoted” – ok",
        relationship="Привет, мир",
        opt_out_wording="Γειά σου, \x07",
        examples=f"漢字 😀 {'x' * 9_000}",
    )
    content = download(as_supporter, complete, "pdf")
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")


def test_the_pdf_notes_missing_characters(complete: SupportRequest) -> None:
    assert pdf._covered("漢 ok") == f"{pdf.MISSING} ok"
    assert pdf._covered("Привет") == "Привет"


def test_other_file_extensions_return_404(as_supporter: Client, complete: SupportRequest) -> None:
    assert as_supporter.get(f"/review/{complete.pk}/packet.exe").status_code == 404


def test_only_support_staff_have_access(as_rep: Client, complete: SupportRequest) -> None:
    assert as_rep.get(reverse("review_packet", args=[complete.pk, "txt"])).status_code == 404


def test_the_email_is_stored_as_sent(
    post: Post, as_rep: Client, complete: SupportRequest, settings: Settings, supporter: User
) -> None:
    settings.CARRIER_SUPPORT_EMAILS = {"sandbox": "help@carrier.example"}
    text = packet_of(complete).as_text() + "\nKind regards, Sven"
    shown = post(complete, "mail", subject="Please whitelist", text=text)
    assert "Sending the email to help@carrier.example." in shown
    assert "Kind regards, Sven" in shown
    mail = Mail.objects.get()
    assert (mail.to, mail.subject, mail.html) == ("help@carrier.example", "Please whitelist", "")
    assert mail.text.endswith("Kind regards, Sven")
    assert (mail.event.user, mail.event.internal) == (supporter, True)
    assert "carrier.example" not in as_rep.get(complete.get_absolute_url()).content.decode()


def test_nothing_is_emailed_without_an_address(
    post: Post, as_supporter: Client, complete: SupportRequest
) -> None:
    assert "CARRIER_SUPPORT_EMAILS" in as_supporter.get(f"/review/{complete.pk}/").content.decode()
    assert "Email not sent" in post(complete, "mail", subject="x", text="y")
    assert not Mail.objects.exists()


@pytest.mark.parametrize("data", [{"subject": "", "text": "x"}, {"subject": "x", "text": ""}])
def test_an_empty_email_is_not_sent(
    post: Post, complete: SupportRequest, settings: Settings, data: dict[str, str]
) -> None:
    settings.CARRIER_SUPPORT_EMAILS = {"sandbox": "help@carrier.example"}
    assert "Email not sent" in post(complete, "mail", **data)
    assert not Mail.objects.exists()


def test_a_subject_is_a_single_line(
    post: Post, complete: SupportRequest, settings: Settings
) -> None:
    settings.CARRIER_SUPPORT_EMAILS = {"sandbox": "help@carrier.example"}
    subject = "Hello\r\nBcc: all@example.com"
    post(complete, "mail", follow=False, subject=subject, text="x")
    assert Mail.objects.get().subject == "Hello Bcc: all@example.com"


def test_a_question_has_no_packet_on_its_page(
    as_supporter: Client, question: SupportRequest, bring: Bring
) -> None:
    bring(question, State.SUBMITTED)
    assert "For the carrier" not in as_supporter.get(f"/review/{question.pk}/").content.decode()


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.REFUSED, State.WHITELISTED])
def test_a_withdrawn_or_decided_request_is_not_emailed(
    post: Post,
    support_request: SupportRequest,
    bring: Bring,
    rep: User,
    settings: Settings,
    state: State,
) -> None:
    """Post directly, as from a page that was open when a rep withdrew the request."""
    settings.CARRIER_SUPPORT_EMAILS = {"sandbox": "help@carrier.example"}
    if state is State.WITHDRAWN:
        move(support_request, State.SUBMITTED, rep)
    bring(support_request, state)
    before = Mail.objects.count()
    shown = post(
        support_request, "mail", subject="Please whitelist", text="Packet", key=str(uuid4())
    )
    assert f"This request is {state}, so you can&#x27;t email the carrier." in shown
    assert Mail.objects.count() == before


def test_a_question_is_not_emailed_to_a_carrier(
    post: Post, as_supporter: Client, question: SupportRequest, bring: Bring, sender: SenderNumber,
    settings: Settings,
) -> None:  # fmt: skip
    settings.CARRIER_SUPPORT_EMAILS = {"sandbox": "help@carrier.example"}
    SupportRequest.objects.update(sender=sender)
    bring(question, State.SUBMITTED)
    shown = post(question, "mail", subject="Please", text="Packet", key=str(uuid4()))
    assert "Only whitelist requests can be emailed to a carrier." in shown
    assert not Mail.objects.exists()
    assert as_supporter.get(f"/review/{question.pk}/packet.txt").status_code == 404


def test_a_second_click_does_not_send_a_second_email(
    as_supporter: Client, post: Post, complete: SupportRequest, settings: Settings
) -> None:
    settings.CARRIER_SUPPORT_EMAILS = {"sandbox": "help@carrier.example"}
    form = as_supporter.get(f"/review/{complete.pk}/").context["mail"]
    data = {"subject": "Please", "text": "Packet", "key": str(form["key"].value())}
    for _ in range(2):
        assert "Sending the email to help@carrier.example." in post(complete, "mail", **data)
    assert Mail.objects.count() == 1
    assert complete.events.filter(kind="mail").count() == 1
