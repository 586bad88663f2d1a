"""The composer warns before sending, refuses, and queues texts."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads.models import ContactPhone, Lead
from messaging.models import OptOut, Recipient, SenderNumber, SmsMessage
from smscenter.accounts.models import User
from tests import factories
from tests.html import html_of
from tests.messaging.composing.forms import form, post

pytestmark = pytest.mark.once


def test_a_text_goes_to_the_outbox(
    as_rep: Client, rep: User, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    response = post(as_rep, lead, "new", form(phone, sender))

    message = SmsMessage.objects.get()
    assert response.status_code == 200
    assert "timeline-changed" in response.headers["HX-Trigger-After-Settle"]
    assert (message.status, message.remote_phone) == ("outbox", phone.phone)
    assert (message.user, message.contact, message.sender) == (rep, phone.contact, sender)
    assert message.attempts.count() == 1


def test_a_number_is_readable_after_a_name_from_the_right(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    phone.contact.name = "سمير"
    phone.contact.save()
    page = html_of(as_rep.get(lead.get_absolute_url()))
    assert "سمير\N{LEFT-TO-RIGHT MARK}, (415) 555-0123" in page


def test_without_javascript_sending_returns_to_the_page(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    response = post(as_rep, lead, "new", form(phone, sender), htmx=False)

    assert response.headers["Location"] == f"/leads/{lead.pk}/"
    assert SmsMessage.objects.count() == 1


def test_a_second_click_on_send_sends_nothing(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    data = form(phone, sender)

    post(as_rep, lead, "new", data)
    post(as_rep, lead, "new", data)

    assert SmsMessage.objects.count() == 1


@pytest.mark.parametrize("htmx", [True, False])
def test_a_submitted_form_can_send_another_text(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber, htmx: bool
) -> None:
    """The user went back to the form, or the response was lost."""
    bo = factories.contact(lead, "+14155550124", "Bo").phones.get()
    other = factories.sender(lead.organization, phone="+12125550199")
    data = form(phone, sender)

    for changes in (
        {},
        {"text": "Or at 10?"},
        {"to": bo.pk},
        {"sender": other.pk, "again": "on"},
        {},
    ):
        post(as_rep, lead, "new", data | changes, htmx=htmx)

    assert SmsMessage.objects.count() == 4


def test_segments_are_counted_while_typing(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    html = html_of(post(as_rep, lead, "check", form(phone, sender, text="a" * 161)))

    assert "2 segments · 145 characters left in this segment · GSM-7" in html
    assert not SmsMessage.objects.exists()


def test_plain_characters_are_offered_when_they_save_a_segment(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    text = "It’s a long text. " * 5
    html = post(as_rep, lead, "check", form(phone, sender, text=text)).content.decode()

    assert "UCS-2" in html
    assert "2 segments become 1" in html


def test_with_plain_characters_both_texts_are_kept(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    text = "It’s a long text. " * 5
    checked = post(as_rep, lead, "check", form(phone, sender, text=text, plain="on"))
    post(as_rep, lead, "new", form(phone, sender, text=text, plain="on"))

    message = SmsMessage.objects.get()
    assert "1 segment · " in html_of(checked)
    assert 'name="plain" checked' in checked.content.decode()
    assert message.text == text
    assert message.sent_text == text.replace("’", "'")
    assert (message.segments, message.encoding) == (1, "GSM-7")


@pytest.mark.parametrize(
    ("number", "message", "htmx"),
    [
        ("+18765550123", "Jamaica", True),
        ("+12425550123", "Bahamas", True),
        ("+442071838750", "United Kingdom", False),
    ],
)
def test_the_error_for_a_foreign_number_names_the_country(
    as_rep: Client, lead: Lead, sender: SenderNumber, number: str, message: str, htmx: bool
) -> None:
    phone = factories.contact(lead, number).phones.get()

    response = post(as_rep, lead, "new", form(phone, sender), htmx=htmx)

    html = response.content.decode()
    assert response.status_code == 422
    assert "Can't send:" in html
    assert message in html
    assert "See you at 9?" in html
    assert not SmsMessage.objects.exists()


def test_a_remembered_landline_is_refused_before_and_after_sending(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    Recipient.objects.create(
        organization=lead.organization, phone=phone.phone, capability="not_sms_capable"
    )

    assert "marked as a landline" in as_rep.get(f"/leads/{lead.pk}/").content.decode()
    assert (
        "marked as a landline" in post(as_rep, lead, "check", form(phone, sender)).content.decode()
    )
    assert post(as_rep, lead, "new", form(phone, sender)).status_code == 422


def knows(lead: Lead, phone: str, capability: str = "unknown") -> Recipient:
    return Recipient.objects.create(
        organization=lead.organization, phone=phone, capability=capability
    )


def opts_out(lead: Lead, phone: str, **fields: Any) -> None:
    recipient = knows(lead, phone)
    OptOut.objects.create(
        organization=lead.organization, recipient=recipient, source="keyword", **fields
    )


def preselected(client: Client, lead: Lead) -> str:
    html = client.get(f"/leads/{lead.pk}/").content.decode()
    select = html[html.index('<select name="to"') :]
    options: list[tuple[str, str]] = re.findall(
        r"<option value=\"\d+\"( selected)?>(\w+)", select[: select.index("</sel")]
    )
    return next((name for selected, name in options if selected), options[0][1])


def test_a_recipient_who_can_be_texted_is_preselected(
    as_rep: Client, lead: Lead, sender: SenderNumber
) -> None:
    """Skip recipients who opted out or may have, landlines, and foreign numbers."""
    opted, landline, _abroad, unsure, fine, other = (
        factories.contact(lead, number, name).phones.get().phone
        for name, number in [
            ("Otto", "+14155550123"),
            ("Lou", "+14155550124"),
            ("Jo", "+18765550123"),
            ("Una", "+14155550126"),
            ("Fay", "+12125550127"),
            ("Gil", "+12125550128"),
        ]
    )
    opts_out(lead, opted)
    knows(lead, landline, "not_sms_capable")
    opts_out(lead, unsure, certain=False, words="please stop")

    assert preselected(as_rep, lead) == "Fay"
    html = as_rep.get(f"/leads/{lead.pk}/").content.decode()
    assert "Can't send:" not in html
    assert "None of these numbers" not in html

    ContactPhone.objects.filter(phone__in=[fine, other]).delete()
    assert preselected(as_rep, lead) == "Una"


def test_an_opt_out_from_another_sender_number_does_not_count(
    as_rep: Client, lead: Lead, sender: SenderNumber
) -> None:
    other = factories.sender(lead.organization, phone="+12125550199")
    factories.contact(lead, "+14155550123", "Otto")
    factories.contact(lead, "+14155550124", "Lou")
    opts_out(lead, "+14155550123", sender=other)

    assert preselected(as_rep, lead) == "Otto"


def test_the_composer_says_when_nobody_can_be_texted(
    as_rep: Client, lead: Lead, sender: SenderNumber
) -> None:
    for name, number in (("Otto", "+14155550123"), ("Lou", "+14155550124")):
        factories.contact(lead, number, name)
        opts_out(lead, number)

    html = as_rep.get(f"/leads/{lead.pk}/").content.decode()

    assert "None of these numbers can be texted." in html
    assert "Can't send:</strong> this person opted out on" in html


def test_the_recipient_of_a_failed_text_stays_preselected(
    as_rep: Client, lead: Lead, sender: SenderNumber
) -> None:
    factories.contact(lead, "+14155550123", "Ada")
    factories.contact(lead, "+14155550124", "Lou")
    knows(lead, "+14155550124", "not_sms_capable")
    message = factories.message(
        lead, status="error", reason="not_sms_capable", remote_phone="+14155550124", sender=sender
    )

    html = as_rep.get(f"/leads/{lead.pk}/?resend={message.pk}").content.decode()

    assert re.search(r"<option value=.\d+. selected>Lou", html)
    assert "Can't send:" in html


def test_more_numbers_take_no_more_queries(
    as_rep: Client, lead: Lead, sender: SenderNumber
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            as_rep.get(f"/leads/{lead.pk}/")
        return len(captured)

    for number in range(2):
        factories.contact(lead, f"+1415555{1000 + number}", f"Ada {number}")
    opts_out(lead, "+14155551000")
    queries()
    before = queries()
    for number in range(10, 20):
        factories.contact(lead, f"+1415555{1000 + number}", f"Ada {number}")
        opts_out(lead, f"+1415555{1000 + number}")
    assert queries() == before


def test_an_empty_text_is_refused_only_on_submit(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    empty = form(phone, sender, text=" ")

    assert "empty" not in post(as_rep, lead, "check", empty).content.decode()
    assert "the text is empty." in post(as_rep, lead, "new", empty).content.decode()


def test_a_missing_sender_number_is_explained(
    as_rep: Client, lead: Lead, phone: ContactPhone
) -> None:
    response = post(as_rep, lead, "new", form(phone, None))

    assert response.status_code == 422
    assert "your organization has no sender number yet." in response.content.decode()

    factories.sender(lead.organization)
    response = post(as_rep, lead, "new", form(phone, None))
    assert "choose a sender number." in response.content.decode()


def test_numbers_of_other_leads_and_organizations_cannot_be_chosen(
    as_rep: Client, rep: User, stranger: User, lead: Lead, sender: SenderNumber
) -> None:
    elsewhere = factories.contact(factories.lead(rep, "Other")).phones.get()
    foreign = factories.contact(factories.lead(stranger, "Foreign")).phones.get()
    foreign_sender = factories.sender(foreign.organization, phone="+12125550111")
    own = factories.contact(lead).phones.get()

    for data in (form(elsewhere, sender), form(foreign, sender), form(own, foreign_sender)):
        assert post(as_rep, lead, "new", data).status_code == 422
    assert not SmsMessage.objects.exists()


def test_a_colleagues_own_number_is_not_offered(
    as_rep: Client, colleague: User, lead: Lead, phone: ContactPhone
) -> None:
    hers = factories.sender(lead.organization, owner=colleague, label="Carl's")

    assert "Carl" not in as_rep.get(f"/leads/{lead.pk}/").content.decode()
    assert post(as_rep, lead, "new", form(phone, hers)).status_code == 422


def test_a_failed_text_can_be_edited_and_sent_again(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    message = factories.message(
        lead, status="error", reason="spam", text="FREE!!!", remote_phone=phone.phone, sender=sender
    )

    html = as_rep.get(f"/leads/{lead.pk}/?resend={message.pk}").content.decode()

    assert "FREE!!!</textarea>" in html


@pytest.mark.parametrize("number", ["x", "99999999999999999999999", "-1", "٣"])
def test_an_invalid_text_to_resend_is_ignored(
    as_rep: Client, lead: Lead, phone: ContactPhone, number: str
) -> None:
    response = as_rep.get(f"/leads/{lead.pk}/", {"resend": number})

    assert response.status_code == 200


def test_new_contacts_can_be_chosen_without_losing_what_was_typed(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    data = form(phone, sender, text="Half a sente")
    second = factories.contact(lead, "+14155550177", "Bob").phones.get()

    html = post(as_rep, lead, "composer", data).content.decode()

    assert "Half a sente</textarea>" in html
    assert f'<option value="{second.pk}">Bob' in html


def test_the_next_text_keeps_recipient_and_sender(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    second = factories.contact(lead, "+14155550177", "Bob").phones.get()

    html = post(as_rep, lead, "new", form(second, sender)).content.decode()

    assert f'<option value="{second.pk}" selected>' in html
    assert "See you at 9?" not in html


def test_words_that_spam_filters_look_for_are_marked(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    data = form(phone, sender, text="Our <new> menu: bit.ly/menu")
    page = html_of(post(as_rep, lead, "check", data))
    assert "Carriers block shortened links (bit.ly/…)." in page
    assert "<q>Our &lt;new&gt; menu: <mark>bit.ly/</mark>menu</q>" in page
    assert post(as_rep, lead, "new", data).status_code == 200
