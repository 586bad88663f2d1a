"""Test HTML in every field of every form: pages, emails, and packets show it as text."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from messaging.models import Attempt, SmsMessage
from smscenter import mail_queue
from smscenter.accounts.models import Organization, User
from smscenter.support.models import Evidence, Feedback, Mail, SupportRequest, Whitelisting
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from tests.mailing import write_mails

pytestmark = pytest.mark.once

INJECTION = """<script>alert(1)</script><img src=x onerror=alert(1)>"'{{ 7|add:7 }}"""
# Parts of a page if HTML was not escaped, or escaped for the wrong context.
UNESCAPED = ("<script>alert", "<img src=x", '">"\'', "14}")
FIELDS = SupportRequest.typed()
ADMIN = ["supportrequest", "whitelisting", "supportrequestevent", "evidence", "mail", "feedback"]


@pytest.fixture
def people(rep: User, supporter: User, organization: Organization) -> None:
    """Put HTML in the names of people and the organization."""
    User.objects.update(first_name=INJECTION[:60], last_name=INJECTION[:60])
    User.objects.filter(pk=rep.pk).update(email="rita@acme.example")
    Organization.objects.update(name=INJECTION)


@pytest.fixture
def blocked_text(blocked: Callable[..., SmsMessage]) -> SmsMessage:
    message = blocked(INJECTION)
    Attempt.objects.create(
        organization=message.organization, message=message, carrier="sandbox", state="failed",
        reason="spam", code="<b>30007</b>", carrier_words=INJECTION, carrier_id="<b>SM1</b>",
    )  # fmt: skip
    return message


@pytest.fixture
def filled_request(
    people: None, as_rep: Client, as_supporter: Client, blocked_text: SmsMessage, settings: Settings
) -> SupportRequest:
    """Return a finished request with HTML in every field of every form."""
    settings.CARRIER_SUPPORT_EMAILS = {"sandbox": "help@carrier.example"}
    form = dict.fromkeys(FIELDS, INJECTION) | {
        "opted_in": "yes", "form_token": str(uuid4()), "failed_messages": [blocked_text.pk],
        "evidence_files": SimpleUploadedFile(f"{INJECTION}.txt", INJECTION.encode()),
    }  # fmt: skip
    assert as_rep.post(reverse("whitelist_request"), form).status_code == 302
    support_request = SupportRequest.objects.get()

    def support(page: str, **data: Any) -> None:
        url = reverse(f"review_{page}", args=[support_request.pk])
        assert as_supporter.post(url, data).status_code == 302

    def submit() -> None:
        as_rep.post(reverse("request_submit", args=[support_request.pk]), {"note": INJECTION})

    submit()
    support("note", note=INJECTION)
    support("move", to="more_information", note=INJECTION)
    submit()
    support("move", to="sent_to_carrier", note=INJECTION, ticket=INJECTION[:60])
    support("mail", subject=INJECTION, text=INJECTION)
    support("move", to="whitelisted", note=INJECTION)
    support("revoke", reason=INJECTION)
    question = {"subject": INJECTION, "body": INJECTION, "form_token": str(uuid4())}
    as_rep.post(f"{reverse('contact_support')}?message={blocked_text.pk}", question)
    as_rep.post(reverse("help_article", args=["spam"]), {"helpful": "no", "comment": INJECTION})
    support_request.refresh_from_db()
    write_mails()
    check_that_every_field_contains_html(support_request)
    return support_request


def check_that_every_field_contains_html(whitelisting: SupportRequest) -> None:
    assert [getattr(whitelisting, name) for name in FIELDS] == [INJECTION] * len(FIELDS)
    assert whitelisting.carrier_ticket == INJECTION[:60]
    assert whitelisting.decision == Whitelisting.objects.get().revocation == INJECTION
    notes = whitelisting.events.filter(kind="note")
    assert list(notes.values_list("internal", flat=True)) == [True, False]
    assert SupportRequest.objects.get(kind="other").subject == INJECTION
    assert Feedback.objects.get().comment == INJECTION
    assert Mail.objects.get(to="help@carrier.example").subject == INJECTION


def member_pages(text: SmsMessage) -> Iterator[str]:
    yield from ("/requests/", "/leads/", "/messages/", f"/help/?q={INJECTION}")
    yield from (text.get_absolute_url(), text.lead.get_absolute_url())
    yield from (f"/help/{form}/?message={text.pk}" for form in ("contact", "whitelist"))
    for support_request in SupportRequest.objects.all():
        yield support_request.get_absolute_url()


def review_pages() -> Iterator[str]:
    yield from ("/review/?state=all", f"/review/?q={INJECTION}")
    for support_request in SupportRequest.objects.all():
        yield reverse("review_detail", args=[support_request.pk])


def admin_pages() -> Iterator[str]:
    for name in ADMIN:
        yield reverse(f"admin:support_{name}_changelist") + "?q=script"
        yield reverse(f"admin:support_{name}_changelist")
    for row in (*SupportRequest.objects.all(), *Evidence.objects.all(), *Mail.objects.all()):
        yield reverse(f"admin:support_{row._meta.model_name}_change", args=[row.pk])


def test_pages_show_html_as_text(
    filled_request: SupportRequest,
    as_rep: Client,
    as_supporter: Client,
    as_staff: Client,
    blocked_text: SmsMessage,
) -> None:
    pages = [(as_rep, url) for url in member_pages(blocked_text)]
    pages += [(as_supporter, url) for url in review_pages()]
    # Administrators see all that support staff see there.
    pages += [(as_staff, url) for url in admin_pages()]
    for client, url in pages:
        response = client.get(url, follow=True)
        assert response.status_code == 200, url
        text = response.content.decode()
        assert not [mark for mark in UNESCAPED if mark in text], url
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_forms_with_errors_show_html_as_text(
    people: None,
    as_rep: Client,
    as_supporter: Client,
    blocked_text: SmsMessage,
    support_request: SupportRequest,
    rep: User,
) -> None:
    bad: dict[str, Any] = dict.fromkeys(
        [*FIELDS, "opted_in", "form_token", "volume", "opt_in_date"], INJECTION
    )
    bad |= {"evidence_files": SimpleUploadedFile(f"{INJECTION}.txt", b"\0")}
    move(support_request, State.SUBMITTED, rep)
    responses = [
        as_rep.post(reverse("whitelist_request"), bad),
        as_rep.post(reverse("contact_support"), {"subject": INJECTION, "form_token": INJECTION}),
        as_rep.post(reverse("help_article", args=["spam"]), {"helpful": INJECTION}),
        as_supporter.post(
            reverse("review_move", args=[support_request.pk]),
            {"to": INJECTION, "expires": INJECTION, "ticket": INJECTION},
            follow=True,
        ),
        as_supporter.post(
            reverse("review_assign", args=[support_request.pk]),
            {"assignee": INJECTION},
            follow=True,
        ),
    ]
    for response in responses:
        text = response.content.decode()
        assert not [mark for mark in UNESCAPED if mark in text], response.request["PATH_INFO"]


def test_emails_packets_and_files_show_html_as_text(
    filled_request: SupportRequest, as_supporter: Client, as_rep: Client
) -> None:
    mails = [mail_queue.message(mail).message() for mail in Mail.objects.all()]
    assert len(mails) >= 5
    for mail in mails:
        # Longer ones are folded: the next line begins with a space.
        assert "\n" not in mail["Subject"].replace("\n ", " ")
        for part in mail.walk():
            if part.get_content_type() == "text/html":
                html = bytes(part.get_payload(decode=True)).decode()
                assert not [mark for mark in UNESCAPED if mark in html]
    for ending in ("txt", "csv", "pdf"):
        response = as_supporter.get(reverse("review_packet", args=[filled_request.pk, ending]))
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Type"].split(";")[0] in {
            "text/plain", "text/csv", "application/pdf",
        }  # fmt: skip
    response = as_rep.get(Evidence.objects.get().get_absolute_url())
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert "\n" not in response.headers["Content-Disposition"]
    response.close()
