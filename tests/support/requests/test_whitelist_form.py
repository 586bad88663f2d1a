"""Test requesting whitelisting after a text was flagged as spam."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leads.models import Lead
from messaging.models import Consent, OptOut, Recipient, SenderNumber, SmsMessage
from messaging.models.reason import Reason
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest
from tests import factories
from tests.support.conftest import DETAILS

pytestmark = pytest.mark.once

Blocked = Callable[..., SmsMessage]
URL = reverse("whitelist_request")
LIST = reverse("request_list")


def form_of(response: Any) -> Any:
    return response.context["form"]


def post(client: Client, url: str = URL, **changes: Any) -> HttpResponse:
    data = DETAILS | {"form_token": str(uuid4())} | changes
    return client.post(url, data)  # type: ignore[return-value]


def test_the_form_starts_from_the_failed_text(as_rep: Client, blocked: Blocked) -> None:
    first, second = blocked("Free estimate"), blocked("Last chance")
    form = form_of(as_rep.get(URL, {"message": second.pk}))
    assert form.instance.sender == second.sender
    assert list(form.fields["failed_messages"].queryset) == [second, first]
    assert form["failed_messages"].value() == [second.pk, first.pk]
    assert form["examples"].value() == "Last chance\n\nFree estimate"


def test_the_form_starts_with_the_recipients_consent(
    as_rep: Client, blocked: Blocked, lead: Lead
) -> None:
    given = timezone.now() - timedelta(days=9)
    Consent.objects.record(
        lead.organization,
        factories.MOBILE,
        method="Web form",
        wording="I agree to texts.",
        page="https://acme.example/me",
        given=given,
    )
    blocked("Free estimate", remote_phone=factories.OTHER_MOBILE)
    form = form_of(as_rep.get(URL, {"message": blocked("Last chance").pk}))
    started = {name: form[name].value() for name in form.fields if name.startswith("opt_in_")}
    assert started == {
        "opt_in_method": "Web form",
        "opt_in_date": timezone.localdate(given, timezone=lead.organization.zone),
        "opt_in_wording": "I agree to texts.",
        "opt_in_page": "https://acme.example/me",
    }
    assert form.shows_optional


def test_saving_creates_a_draft_and_shows_the_summary(as_rep: Client, blocked: Blocked) -> None:
    message = blocked()
    response = post(as_rep, f"{URL}?message={message.pk}", failed_messages=[message.pk])
    support_request = SupportRequest.objects.get()
    assert response.headers["Location"] == reverse("request_detail", args=[support_request.pk])
    assert support_request.state == "draft"
    assert {name: getattr(support_request, name) for name in DETAILS} == DETAILS
    assert list(support_request.messages.all()) == [message]
    text = as_rep.get(response.headers["Location"]).content.decode()
    assert "Not submitted yet" in text
    for shown in ("https://acme.example", "They filled in our form.", "Free estimate"):
        assert shown in text


def test_only_texts_of_the_number_flagged_in_the_last_72_hours_are_listed(
    as_rep: Client, lead: Lead, sender: SenderNumber, blocked: Blocked
) -> None:
    now = timezone.now()
    recent = blocked(created=now - timedelta(hours=71))
    blocked(created=now - timedelta(hours=73))
    blocked(reason=Reason.UNKNOWN)
    blocked(status="sent", reason="")
    other = factories.sender(lead.organization, phone="+12125550101")
    blocked(sender=other)
    form = form_of(as_rep.get(URL, {"sender": sender.pk}))
    assert list(form.fields["failed_messages"].queryset) == [recent]


def test_the_starting_text_is_listed_even_if_it_is_old(as_rep: Client, blocked: Blocked) -> None:
    old = blocked(created=timezone.now() - timedelta(days=30))
    form = form_of(as_rep.get(URL, {"message": old.pk}))
    assert form["failed_messages"].value() == [old.pk]
    response = post(as_rep, f"{URL}?message={old.pk}", failed_messages=[old.pk])
    assert response.status_code == 302


def test_at_most_twenty_texts_are_listed(as_rep: Client, blocked: Blocked) -> None:
    for number in range(25):
        blocked(f"Text {number}")
    form = form_of(as_rep.get(URL))
    assert len(form["failed_messages"].value()) == 20


def test_examples_fit_in_their_field(as_rep: Client, blocked: Blocked) -> None:
    for number in range(20):
        blocked(f"{number} " + "x" * 1_500)
    assert len(form_of(as_rep.get(URL))["examples"].value()) <= 10_000


def test_the_only_number_is_selected(as_rep: Client, sender: SenderNumber) -> None:
    assert form_of(as_rep.get(URL)).instance.sender == sender


def test_a_sender_number_is_chosen_if_there_are_several(
    as_rep: Client, sender: SenderNumber
) -> None:
    other = factories.sender(sender.organization, phone="+12125550101")
    text = as_rep.get(URL).content.decode()
    assert "Which number was blocked?" in text
    assert '<option value="" selected>Choose a number</option>' in text
    assert form_of(as_rep.get(URL, {"sender": other.pk})).instance.sender == other


def test_nothing_can_be_requested_without_a_number(as_rep: Client) -> None:
    assert "no sender numbers yet" in as_rep.get(URL).content.decode()


def test_a_second_click_does_not_create_a_second_request(
    as_rep: Client, sender: SenderNumber
) -> None:
    token = str(uuid4())
    first, second = post(as_rep, form_token=token), post(as_rep, form_token=token)
    assert SupportRequest.objects.count() == 1
    assert first.headers["Location"] == second.headers["Location"]


def test_another_organization_can_use_the_same_form_token(
    as_rep: Client, as_stranger: Client, sender: SenderNumber, stranger: User
) -> None:
    assert stranger.organization is not None
    factories.sender(stranger.organization, phone="+12125550101")
    token = str(uuid4())
    post(as_rep, form_token=token)
    post(as_stranger, form_token=token)
    assert SupportRequest.objects.visible_to(stranger).count() == 1
    assert SupportRequest.objects.count() == 2


@pytest.mark.parametrize("name", DETAILS)
def test_each_detail_is_required(as_rep: Client, sender: SenderNumber, name: str) -> None:
    response = post(as_rep, **{name: ""})
    assert response.status_code == 422
    assert list(form_of(response).errors) == [name]
    assert not SupportRequest.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("volume", "many"),
        ("volume", "0"),
        ("volume", "99999999999999999999"),
        ("opt_in_date", "yesterday"),
        ("opt_out_wording", "x" * 2_001),
        ("website", "https://a.example/" + "a" * 200),
        ("opted_in", "perhaps"),
        ("content_type", "x" * 201),
        ("content_type", "a\0b"),
        ("examples", "x" * 10_001),
        ("relationship", "x" * 2_001),
        ("form_token", "not-a-token"),
        ("failed_messages", ["x"]),
        ("failed_messages", ["-1"]),
        ("failed_messages", ["0"]),
        ("failed_messages", ["99999999999999999999"]),
        ("failed_messages", ["²"]),
    ],
)
def test_invalid_input_shows_an_error(
    as_rep: Client, sender: SenderNumber, name: str, value: Any
) -> None:
    response = post(as_rep, **{name: value})
    assert response.status_code == 422
    assert list(form_of(response).errors) == [name]


def test_a_website_without_https_is_accepted(as_rep: Client, sender: SenderNumber) -> None:
    post(as_rep, website="acme.example")
    assert SupportRequest.objects.get().website == "https://acme.example"


@pytest.mark.parametrize("typed", ["not an address", "javascript:alert(1)", "acme"])
def test_a_website_that_cannot_be_parsed_has_a_warning_and_no_link(
    as_rep: Client, sender: SenderNumber, typed: str
) -> None:
    response = post(as_rep, website=typed, opt_in_page=typed)
    support_request = SupportRequest.objects.get()
    assert (support_request.website, support_request.opt_in_page, support_request.website_url) == (
        typed,
        typed,
        "",
    )
    text = as_rep.get(response.headers["Location"]).content.decode()
    assert f"“{typed}” doesn&#x27;t look like a website address." in text
    assert f'href="{typed}' not in text


def test_html_in_every_field_is_shown_as_text(as_rep: Client, sender: SenderNumber) -> None:
    probe = "<script>alert(1)</script>"
    texts = SupportRequest.typed()
    response = post(as_rep, **dict.fromkeys(texts, probe))
    for page in (response.headers["Location"], reverse("request_edit", args=[1]), LIST):
        text = as_rep.get(
            page.replace("/1/", f"/{SupportRequest.objects.get().pk}/")
        ).content.decode()
        assert probe not in text
    text = as_rep.get(response.headers["Location"]).content.decode()
    assert text.count("&lt;script&gt;") >= len(texts)


def test_supporting_details_are_stored_and_shown(as_rep: Client, sender: SenderNumber) -> None:
    extra = {
        "opt_in_method": "A form on our website",
        "opt_in_date": "2026-05-04",
        "opt_in_wording": "I agree to get texts.",
        "opt_in_page": "acme.example/quote",
        "opt_out_wording": "Reply STOP to opt out.",
        "volume": "1200",
    }
    text = as_rep.get(post(as_rep, **extra).headers["Location"]).content.decode()
    support_request = SupportRequest.objects.get()
    assert support_request.volume == 1200
    assert support_request.opt_in_page == "https://acme.example/quote"
    for shown in ("A form on our website", "May 4, 2026", "I agree to get texts.", "Reply STOP"):
        assert shown in text


def test_texts_of_other_organizations_cannot_be_attached(
    as_rep: Client, sender: SenderNumber, stranger: User
) -> None:
    foreign = factories.message(factories.lead(stranger), status="error", reason=Reason.SPAM)
    response = post(as_rep, failed_messages=[foreign.pk])
    assert list(form_of(response).errors) == ["failed_messages"]


@pytest.mark.parametrize(
    "query", ["message=x", "message=0", "sender=x", "sender=999999999999999999999"]
)
def test_an_invalid_starting_text_returns_404(as_rep: Client, query: str) -> None:
    assert as_rep.get(f"{URL}?{query}").status_code == 404


def test_a_stranger_cannot_start_from_a_text(
    as_stranger: Client, sender: SenderNumber, blocked: Blocked
) -> None:
    message = blocked()
    assert as_stranger.get(URL, {"message": message.pk}).status_code == 404
    assert as_stranger.get(URL, {"sender": sender.pk}).status_code == 404
    assert post(as_stranger, f"{URL}?message={message.pk}").status_code == 404


def test_a_colleague_can_start_from_a_text(as_colleague: Client, blocked: Blocked) -> None:
    assert as_colleague.get(URL, {"message": blocked().pk}).status_code == 200


def test_the_form_cannot_start_from_a_sent_text(as_rep: Client, lead: Lead) -> None:
    assert as_rep.get(URL, {"message": factories.message(lead).pk}).status_code == 404


def test_the_form_starts_from_a_text_without_a_sender_number(
    as_rep: Client, blocked: Blocked
) -> None:
    message = blocked(sender=None)
    assert form_of(as_rep.get(URL, {"message": message.pk}))["failed_messages"].value() == [
        message.pk
    ]


def test_visitors_see_how_it_works_and_a_sign_in_link(client: Client, blocked: Blocked) -> None:
    response = client.get(URL, {"message": blocked("Secret words").pk})
    text = response.content.decode()
    assert response.status_code == 200
    assert "How do I request whitelisting?" in text
    assert f"{reverse('sign_in')}?next=%2Fhelp%2Fwhitelist%2F%3Fmessage%3D" in text
    assert "Secret words" not in text
    assert post(client).status_code == 200
    assert not SupportRequest.objects.exists()


def test_staff_get_links_to_their_pages(as_staff: Client) -> None:
    assert as_staff.get(URL).status_code == 403


def test_other_methods_are_rejected(as_rep: Client) -> None:
    assert as_rep.put(URL).status_code == 405


def test_the_form_promises_no_outcome(as_rep: Client, blocked: Blocked) -> None:
    text = as_rep.get(URL, {"message": blocked().pk}).content.decode()
    assert "The carrier decides." in text
    assert "guarantee" not in text.lower()


@pytest.mark.parametrize(
    ("number", "warning"),
    [(0, "include any texts flagged as spam"), (1, "usually want 3 or more"), (3, "")],
)
def test_the_summary_warns_about_missing_evidence(
    as_rep: Client, blocked: Blocked, sender: SenderNumber, number: int, warning: str
) -> None:
    ids = [blocked(f"Text {count}").pk for count in range(number)]
    response = post(as_rep, failed_messages=ids)
    text = as_rep.get(response.headers["Location"]).content.decode()
    assert warning in text
    assert ("Carriers may refuse this request" in text) == bool(warning)


def test_the_summary_warns_when_nobody_opted_in(as_rep: Client, sender: SenderNumber) -> None:
    response = post(as_rep, opted_in="no")
    assert "didn&#x27;t opt in" in as_rep.get(response.headers["Location"]).content.decode()


@pytest.mark.parametrize(("ended", "warned"), [(None, True), (timezone.now(), False)])
def test_the_summary_warns_about_a_recipient_who_opted_out(
    as_rep: Client, blocked: Blocked, ended: Any, warned: bool
) -> None:
    message = blocked()
    recipient = Recipient.objects.create(
        organization=message.organization, phone=message.remote_phone
    )
    OptOut.objects.create(
        organization=message.organization, recipient=recipient, source="keyword", ended=ended
    )
    response = post(as_rep, failed_messages=[message.pk])
    text = as_rep.get(response.headers["Location"]).content.decode()
    assert ("has opted out of your texts" in text) is warned


def test_forms_of_different_kinds_can_share_a_token(as_rep: Client, sender: SenderNumber) -> None:
    token = str(uuid4())
    as_rep.post(reverse("contact_support"), {"subject": "Hello", "body": "?", "form_token": token})
    assert post(as_rep, form_token=token).status_code == 302
    assert sorted(SupportRequest.objects.values_list("kind", flat=True)) == ["other", "whitelist"]
