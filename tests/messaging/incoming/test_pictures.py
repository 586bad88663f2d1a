"""Pictures and other files that come with a text."""

import pytest
from django.test import Client

from leads.models import Lead
from messaging.diagnosis.announcement import announce
from messaging.models import SmsMessage, UnmatchedText, media
from smscenter.accounts.models import Organization
from tests import factories
from tests.messaging.calls import text


@pytest.fixture(autouse=True)
def number(organization: Organization) -> None:
    factories.sender(organization)


def incoming() -> SmsMessage:
    return SmsMessage.objects.get(direction="incoming")


MEDIA = {"NumMedia": "2", "MediaUrl0": "https://twilio.example/ME1"} | {
    "MediaContentType0": "image/jpeg",
    "MediaUrl1": "https://twilio.example/ME2",
    "MediaContentType1": "text/x-vcard",
}


def test_a_text_without_words_says_what_came(as_rep: Client, lead: Lead) -> None:
    factories.contact(lead)
    text("", **MEDIA)
    page, detail, rows = (
        as_rep.get(url).text
        for url in (lead.get_absolute_url(), incoming().get_absolute_url(), "/messages/")
    )
    for html in (page, detail):
        assert "Picture (image/jpeg)" in html
        assert "Contact card (text/x-vcard)" in html
        assert "twilio.example" not in html
    assert "1 picture and 1 contact card" in rows
    assert announce(incoming()) == "New text: 1 picture and 1 contact card"


def test_words_come_before_pictures(as_rep: Client, lead: Lead) -> None:
    factories.contact(lead)
    text("Look at this", **MEDIA)
    assert incoming().summary == "Look at this"
    assert "Picture (image/jpeg)" in as_rep.get(lead.get_absolute_url()).text


def test_a_picture_from_an_unknown_number_is_kept() -> None:
    Organization.objects.update(unknown_senders_become_leads=False)
    text("", **MEDIA)
    kept = UnmatchedText.objects.get().media or []
    assert [each["content_type"] for each in kept] == ["image/jpeg", "text/x-vcard"]


@pytest.mark.parametrize(
    ("content_types", "description"),
    [
        ([], ""),
        (["image/png", "image/gif"], "2 pictures"),
        (["video/mp4", "audio/amr", "IMAGE/JPEG; q=1"], "1 video, 1 recording and 1 picture"),
        (["", "application/pdf"], "2 files"),
    ],
)
def test_each_kind_of_file_has_a_name(content_types: list[str], description: str) -> None:
    files = [media.Media(url="", content_type=each, size=None) for each in content_types]
    assert media.describe(files) == description


def test_a_known_size_is_shown() -> None:
    file = media.Media(url="", content_type="image/png", size=12_345)
    assert media.describe_one(file) == "Picture (image/png, 12.1\xa0KB)"
