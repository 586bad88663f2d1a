"""Texts per hour are limited, and a repeated text is confirmed first."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from leads.models import ContactPhone, Lead
from messaging.models import Attempt, SenderNumber, SmsMessage
from smscenter.accounts.models import User
from tests import factories
from tests.html import html_of
from tests.messaging.composing.forms import form, post


@pytest.mark.once
def test_the_same_text_within_a_minute_asks_first(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    assert post(as_rep, lead, "new", form(phone, sender)).status_code == 200
    response = post(as_rep, lead, "new", form(phone, sender))
    assert response.status_code == 422
    assert "This number got the same text less than a minute ago." in html_of(response)
    assert 'name="again" value="on">Send it again</button>' in html_of(response)
    assert SmsMessage.objects.count() == 1
    assert post(as_rep, lead, "new", form(phone, sender, again="on")).status_code == 200
    assert SmsMessage.objects.count() == 2
    SmsMessage.objects.update(created=timezone.now() - timedelta(seconds=61))
    assert post(as_rep, lead, "new", form(phone, sender)).status_code == 200


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("TEXTS_PER_HOUR_TO_NUMBER", "(415) 555-0123 got 2 texts in the last hour"),
        pytest.param(
            "TEXTS_PER_HOUR_BY_USER", "ve sent 2 texts in the last hour", marks=pytest.mark.once
        ),
        pytest.param(
            "TEXTS_PER_HOUR_BY_ORGANIZATION",
            "your organization has sent 2 texts in the last hour",
            marks=pytest.mark.once,
        ),
    ],
)
def test_texts_per_hour_are_limited(
    as_rep: Client,
    lead: Lead,
    phone: ContactPhone,
    sender: SenderNumber,
    stranger: User,
    settings: Settings,
    setting: str,
    sentence: str,
) -> None:
    setattr(settings, setting, 2)
    for count in range(3):  # of another organization
        factories.message(factories.lead(stranger), text=str(count), user=stranger)
    for text in ("One", "Two"):
        assert post(as_rep, lead, "new", form(phone, sender, text=text)).status_code == 200
    data = form(phone, sender, text="Three")
    response = post(as_rep, lead, "new", data)
    assert response.status_code == 429
    assert sentence in html_of(response)
    assert re.search(r"Try again (tomorrow )?at \d+:\d\d [AP]M", html_of(response))
    assert post(as_rep, lead, "new", data, htmx=False).status_code == 429
    assert SmsMessage.objects.filter(lead=lead).count() == 2
    SmsMessage.objects.update(created=timezone.now() - timedelta(hours=1, seconds=1))
    assert post(as_rep, lead, "new", data).status_code == 200


@pytest.mark.once
def test_resends_to_one_number_are_limited(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber, settings: Settings
) -> None:
    settings.TEXTS_PER_HOUR_TO_NUMBER = 3
    assert post(as_rep, lead, "new", form(phone, sender, text="One")).status_code == 200
    message = SmsMessage.objects.get()
    for number in (2, 3, 4):
        Attempt.objects.update(state="failed")
        SmsMessage.objects.update(status="error", reason="unreachable")
        response = as_rep.post(f"/messages/{message.pk}/again/", follow=True)
        assert message.attempts.count() == min(number, 3)
    assert "got 3 texts in the last hour, the limit for one number." in html_of(response)
    message.refresh_from_db()
    assert message.status == "error"
