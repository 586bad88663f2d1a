"""Attach a picture in the composer, and send it through a carrier that can."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from leads.models import ContactPhone, Lead
from messaging import carriers
from messaging.carriers import PictureRules
from messaging.carriers.sandbox.adapter import Adapter as Sandbox
from messaging.carriers.twilio_protocol.carrier import TwilioProtocol
from messaging.composing import picture_rules, pictures
from messaging.management import worker
from messaging.models import Attempt, MediaFile, SenderNumber, SmsMessage
from messaging.outgoing import outbox, picture_links, schedule
from smscenter.accounts.models import User
from tests import factories
from tests.html import html_of
from tests.messaging.carriers.contract.small_server import SmallServer, http
from tests.messaging.composing.forms import HTMX, form, post

pytestmark = pytest.mark.once

TAKEN = http(201, b'{"sid": "SM1"}')


@pytest.fixture(autouse=True)
def api(settings: Settings) -> Iterator[SmallServer]:
    with SmallServer() as server:
        settings.SANDBOX_URL = server.url
        server.always(TAKEN)
        yield server


def photo(format_: str = "JPEG", name: str = "IMG.HEIC") -> SimpleUploadedFile:
    """Return a picture that says where it was taken."""
    written = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "47.37 N 8.54 E"
    Image.new("RGB", (8, 6), "teal").save(written, format_, exif=exif)
    return SimpleUploadedFile(name, written.getvalue(), "text/html")


def attach(client: Client, lead: Lead, upload: Any = None, **fields: Any) -> str:
    data = {"picture_file": upload or photo(), "text": "typed so far"} | fields
    return html_of(client.post(f"/leads/{lead.pk}/sms/picture/", data, headers=HTMX))


def send(
    client: Client, phone: ContactPhone, sender: SenderNumber, picture: MediaFile, **fields: Any
) -> Any:
    data = form(phone, sender, picture=picture.pk, **fields)
    return post(client, phone.contact.lead, "new", data)


@pytest.fixture
def picture(rep: User) -> MediaFile:
    return factories.picture(rep)


@pytest.fixture
def picture_sent(
    as_rep: Client, phone: ContactPhone, sender: SenderNumber, picture: MediaFile
) -> SmsMessage:
    assert send(as_rep, phone, sender, picture).status_code == 200
    return SmsMessage.objects.get()


def work() -> None:
    while worker.run_round():
        pass


def picture_url(api: SmallServer) -> str:
    return dict(parse_qsl(api.requests[-1].body.decode()))["MediaUrl"]


def test_an_attached_picture_is_rewritten_and_shown(as_rep: Client, lead: Lead) -> None:
    factories.contact(lead)
    assert "Attach picture" in html_of(as_rep.get(lead.get_absolute_url()))
    html = attach(as_rep, lead)
    stored = MediaFile.objects.get()
    assert f'src="{stored.get_absolute_url()}"' in html
    assert "Remove picture" in html
    assert "typed so far</textarea>" in html
    assert "Counts as one picture message (MMS)" in html
    assert (stored.name, stored.content_type) == ("picture.jpg", "image/jpeg")
    assert b"47.37" not in stored.file.read()
    html = attach(as_rep, lead, picture=stored.pk, remove_picture="yes")
    assert "Remove picture" not in html
    assert "typed so far</textarea>" in html


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        (SimpleUploadedFile("a.png", b"<script>alert(1)</script>"), "Only PNG and JPEG pictures"),
        (SimpleUploadedFile("a.jpg", b"\xff\xd8\xff and no more"), "This image is damaged."),
        (photo("WEBP"), "Only PNG and JPEG pictures"),
        ("", "Choose a picture first."),
    ],
    ids=["page", "damaged", "webp", "nothing"],
)
def test_a_file_that_is_no_picture_is_refused(
    as_rep: Client, lead: Lead, upload: Any, sentence: str
) -> None:
    factories.contact(lead)
    html = html_of(
        as_rep.post(
            f"/leads/{lead.pk}/sms/picture/",
            {"picture_file": upload, "text": "typed"},
            headers=HTMX,
        )
    )
    assert sentence in html
    assert "typed</textarea>" in html
    assert not MediaFile.objects.exists()


def test_a_picture_that_is_too_large_is_refused(
    as_rep: Client, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.contact(lead)
    monkeypatch.setattr(pictures, "LARGEST", 100)
    assert "Pictures can be up to 100" in attach(as_rep, lead)


def test_the_carrier_gets_an_address_that_only_it_can_guess(
    picture_sent: SmsMessage, client: Client, api: SmallServer, settings: Settings
) -> None:
    work()
    url = picture_url(api)
    assert url.startswith(f"{settings.PUBLIC_URL}/pictures/")
    response = client.get(urlsplit(url).path)
    stored = MediaFile.objects.get(message=picture_sent)
    assert response.getvalue() == stored.file.read()
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Disposition"] == 'inline; filename="picture.jpg"'
    assert client.head(urlsplit(url).path)["Content-Type"] == "image/jpeg"
    token = urlsplit(url).path.split("/")[2]
    for wrong in (token[:-1], f"x{token}", str(stored.pk)):
        assert client.get(f"/pictures/{wrong}/").status_code == 404
    picture_sent.delete()
    assert client.get(urlsplit(url).path).status_code == 404


def test_the_address_expires(
    picture_sent: SmsMessage, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = urlsplit(picture_links.link(MediaFile.objects.get().pk)).path
    assert client.get(path).status_code == 200
    monkeypatch.setattr(picture_links, "LASTS", timedelta(seconds=-1))
    assert client.get(path).status_code == 404


def test_a_picture_without_words_is_one_text(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber, picture: MediaFile
) -> None:
    send(as_rep, phone, sender, picture, text="")
    work()
    message = SmsMessage.objects.get()
    assert (message.status, message.segments, message.summary) == ("sent", 1, "1 picture")
    html = html_of(as_rep.get(lead.get_absolute_url()))
    assert f'<img src="{picture.get_absolute_url()}"' in html
    assert "1 picture" in html_of(as_rep.get("/messages/"))


def test_a_long_text_with_a_picture_has_no_segments(
    as_rep: Client, phone: ContactPhone, sender: SenderNumber, picture: MediaFile
) -> None:
    response = send(as_rep, phone, sender, picture, text="x" * 1_601)
    assert "can have up to 1,600 characters" in html_of(response)
    assert send(as_rep, phone, sender, picture, text="é" * 1_600).status_code == 200
    assert SmsMessage.objects.get().segments == 1


def test_a_second_click_sends_it_once(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber, picture: MediaFile
) -> None:
    data = form(phone, sender, picture=picture.pk)
    for _ in range(2):
        assert post(as_rep, lead, "new", data).status_code == 200
    assert SmsMessage.objects.count() == MediaFile.objects.count() == 1


def test_undo_puts_the_picture_back(
    as_rep: Client,
    phone: ContactPhone,
    sender: SenderNumber,
    picture: MediaFile,
    settings: Settings,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.SEND_UNDO_SECONDS = 60
    send(as_rep, phone, sender, picture)
    message = SmsMessage.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        html = html_of(as_rep.post(f"/messages/{message.pk}/undo/", {}, headers=HTMX))
    assert "Remove picture" in html
    assert send(as_rep, phone, sender, picture).status_code == 200
    assert MediaFile.objects.get().message == SmsMessage.objects.get()


def test_a_canceled_text_takes_its_picture_along(
    as_rep: Client,
    rep: User,
    phone: ContactPhone,
    sender: SenderNumber,
    picture: MediaFile,
    django_capture_on_commit_callbacks: Any,
    private_files: Path,
) -> None:
    later = timezone.now() + timedelta(days=2)
    send(as_rep, phone, sender, picture, send_at=f"{later:%Y-%m-%d}T12:00", later="yes")
    message = SmsMessage.objects.get()
    assert message.status == "scheduled"
    schedule.edit(message, rep, text="", due=timezone.now() + timedelta(days=3))
    message.refresh_from_db()
    assert (message.text, message.segments, bool(message.media)) == ("", 1, True)
    with django_capture_on_commit_callbacks(execute=True):
        schedule.cancel(message, rep)
    assert not MediaFile.objects.exists()
    assert not [path for path in private_files.rglob("*") if path.is_file()]


def test_a_resent_text_has_its_picture(
    rep: User, picture_sent: SmsMessage, api: SmallServer
) -> None:
    api.always(http(400, b'{"code": 30007, "message": "No"}'))
    work()
    picture_sent.refresh_from_db()
    assert picture_sent.status == "error"
    api.always(TAKEN)
    outbox.resend(picture_sent, rep)
    work()
    assert [b"MediaUrl" in request.body for request in api.requests] == [True, True]


def test_edit_and_resend_sends_a_copy(
    as_rep: Client, picture_sent: SmsMessage, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    html = html_of(as_rep.get(f"{lead.get_absolute_url()}?resend={picture_sent.pk}"))
    assert "Remove picture" in html
    post(as_rep, lead, "new", form(phone, sender, picture=MediaFile.objects.get().pk, text="2"))
    first, second = MediaFile.objects.order_by("pk")
    assert first.file.read() == second.file.read()
    assert first.file.name != second.file.name
    picture_sent.delete()
    assert second.file.storage.exists(str(second.file.name))


def test_somebody_elses_picture_cannot_be_sent(
    as_rep: Client,
    lead: Lead,
    phone: ContactPhone,
    sender: SenderNumber,
    colleague: User,
    stranger: User,
) -> None:
    """Neither one that isn't sent yet, nor one of another lead, nor what a person texted."""
    other = factories.lead(colleague, "Other lead")
    got = factories.message(lead, direction="incoming", status="inbox")
    rows = [
        factories.media_file(factories.message(other)),
        factories.media_file(got),
        factories.picture(colleague),
        factories.media_file(factories.message(factories.lead(stranger))),
    ]
    before = SmsMessage.objects.count()
    for row in rows:
        response = post(as_rep, lead, "new", form(phone, sender, picture=row.pk))
        assert "This picture is no longer here." in html_of(response)
    assert SmsMessage.objects.count() == before


UK = "+442071838750"
RULES = Sandbox.picture_rules


@pytest.mark.parametrize(
    ("rules", "fields", "to", "code"),
    [
        (None, {}, factories.MOBILE, "no_pictures"),
        (RULES, {"phone": UK}, factories.MOBILE, "picture_sender"),
        (RULES, {}, UK, "picture_recipient"),
        (RULES, {"phone": "72975"}, factories.MOBILE, ""),
        (RULES, {"phone": "Bluebird"}, factories.MOBILE, "picture_sender"),
        (
            PictureRules(99, frozenset({"US"}), "the US", 1_600),
            {},
            factories.MOBILE,
            "picture_size",
        ),
        (PictureRules(101, frozenset({"US"}), "the US", 1), {}, factories.MOBILE, "too_long"),
        (RULES, {"phone": "+18885550164"}, "+16135550123", ""),
    ],
)
def test_a_picture_that_cannot_be_sent_is_refused_with_a_reason(
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    rules: PictureRules | None,
    fields: dict[str, str],
    to: str,
    code: str,
) -> None:
    settings.PUBLIC_URL = "https://sms.example.com"
    monkeypatch.setattr(Sandbox, "picture_rules", rules)
    sender = SenderNumber(**{"phone": factories.OUR_NUMBER, "carrier": "sandbox"} | fields)
    found = picture_rules.check(
        sender, to, "Hi", {"url": "", "content_type": "image/png", "size": 100}
    )
    assert [obstacle.code for obstacle in found] == ([code] if code else [])


def test_a_carrier_out_there_needs_a_public_address(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sandbox, "picture_rules", TwilioProtocol.picture_rules)
    sender = SenderNumber(phone=factories.OUR_NUMBER, carrier="sandbox")
    for url, is_refused in (("http://127.0.0.1:8000", True), ("https://sms.example.com", False)):
        settings.PUBLIC_URL = url
        found = list(
            picture_rules.check(
                sender, factories.MOBILE, "", {"url": "", "content_type": "image/png", "size": 1}
            )
        )
        assert bool(found) == is_refused


def test_the_composer_shows_why_a_picture_cannot_be_sent(
    as_rep: Client,
    lead: Lead,
    phone: ContactPhone,
    sender: SenderNumber,
    picture: MediaFile,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Sandbox, "picture_rules", None)
    sentence = "be sent through Sandbox."
    checked = post(as_rep, lead, "check", form(phone, sender, picture=picture.pk))
    assert sentence in html_of(checked)
    response = send(as_rep, phone, sender, picture)
    assert (response.status_code, sentence in html_of(response)) == (422, True)
    assert not SmsMessage.objects.exists()


def test_a_text_never_leaves_without_its_picture(
    picture_sent: SmsMessage, api: SmallServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender number can have moved to another carrier since."""
    monkeypatch.setattr(Sandbox, "picture_rules", None)
    carriers.get.cache_clear()
    work()
    assert api.requests == []
    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.reason) == ("failed", "sender_config")
    assert attempt.carrier_words == "Sandbox can't send pictures."


def test_pictures_that_are_not_sent_are_deleted(
    as_rep: Client,
    lead: Lead,
    rep: User,
    picture_sent: SmsMessage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures, "MOST_UNSENT", 1)
    factories.picture(rep)
    attach(as_rep, lead)
    assert MediaFile.objects.filter(message=None).count() == 1
    pictures.delete_unsent()
    assert MediaFile.objects.count() == 2
    MediaFile.objects.update(created=timezone.now() - timedelta(days=2))
    pictures.delete_unsent()
    assert MediaFile.objects.get().message == picture_sent
