"""Files that came with a text are downloaded on a click, made safe, and kept."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.conf import settings as installation
from django.test import Client
from PIL import Image
from pytest_django import Settings

from leads.models import Lead
from messaging import carriers
from messaging.carriers import media
from messaging.incoming import downloads
from messaging.models import MediaFile, SmsMessage
from smscenter.accounts.models import Organization, User
from smscenter.inspection import process
from tests import factories
from tests.messaging.calls import text
from tests.messaging.carriers.contract.small_server import ApiRequest, Reply, SmallServer, http
from tests.support import pdfs

PATH = f"/2010-04-01/Accounts/{installation.SANDBOX_ACCOUNT_SID}/Messages/MM1/Media/ME"


def photo(format_: str = "JPEG") -> bytes:
    """Return a picture that says where it was taken."""
    written = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "47.37 N 8.54 E"
    Image.new("RGB", (8, 6), "teal").save(written, format_, exif=exif)
    return written.getvalue()


@pytest.fixture(autouse=True)
def api(organization: Organization, settings: Settings) -> Iterator[SmallServer]:
    factories.sender(organization)
    with SmallServer() as server:
        settings.SANDBOX_URL = server.url
        server.always(http(200, photo()))
        yield server


@pytest.fixture
def message(lead: Lead) -> SmsMessage:
    return receive(lead, "image/jpeg")


def receive(lead: Lead, *content_types: str) -> SmsMessage:
    factories.contact(lead)
    values = {"NumMedia": str(len(content_types))}
    for number, content_type in enumerate(content_types):
        values[f"MediaUrl{number}"] = f"https://api.twilio.com{PATH}{number}"
        values[f"MediaContentType{number}"] = content_type
    text("", **values)
    return SmsMessage.objects.get(direction="incoming")


def click(client: Client, message: SmsMessage, position: object = 0, **headers: str) -> Any:
    return client.post(
        f"/messages/{message.pk}/files/", {"position": position}, headers=headers or None
    )


@pytest.mark.once
def test_nothing_is_requested_before_a_click(
    as_rep: Client, message: SmsMessage, api: SmallServer
) -> None:
    for url in (message.lead.get_absolute_url(), message.get_absolute_url()):
        html = as_rep.get(url).text
        assert "Show picture" in html
        assert "<img" not in html
    assert api.requests == []


@pytest.mark.once
def test_a_picture_is_rewritten_kept_and_shown_to_colleagues(
    as_rep: Client, colleague: User, message: SmsMessage, api: SmallServer
) -> None:
    html = click(as_rep, message, HX_Request="true").text
    kept = MediaFile.objects.get()
    assert f'<img src="{kept.get_absolute_url()}" alt="Picture (image/jpeg, ' in html
    assert b"47.37" in photo()
    stored = kept.file.read()
    assert b"47.37" not in stored
    assert (kept.content_type, kept.size) == ("image/jpeg", len(stored))
    as_colleague = Client()
    as_colleague.force_login(colleague)
    for client in (as_rep, as_colleague):
        click(client, message)
        assert kept.get_absolute_url() in client.get(message.lead.get_absolute_url()).text
        assert client.get(kept.get_absolute_url()).getvalue() == stored
    assert len(api.requests) == 1


@pytest.mark.once
def test_a_picture_is_served_so_that_it_cannot_act(as_rep: Client, message: SmsMessage) -> None:
    click(as_rep, message)
    url = MediaFile.objects.get().get_absolute_url()
    response = as_rep.get(url)
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Disposition"].startswith("inline")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.once
def test_other_files_are_only_downloaded(as_rep: Client, lead: Lead, api: SmallServer) -> None:
    message = receive(lead, "video/mp4", "image/png", "text/html", "application/pdf")
    contents = [b"<script>alert(1)</script>", photo("PNG"), b"<script>", pdfs.write(pdfs.objects())]
    api.respond = lambda request: http(200, contents[int(request.path[-1])])
    for position in range(4):
        click(as_rep, message, position)
    video, picture, pdf = MediaFile.objects.all()
    response = as_rep.get(video.get_absolute_url())
    assert response["Content-Disposition"].startswith("attachment")
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == (
        "video/mp4",
        "nosniff",
    )
    assert as_rep.get(picture.get_absolute_url())["Content-Type"] == "image/png"
    assert as_rep.get(pdf.get_absolute_url())["Content-Disposition"].startswith("attachment")
    assert (
        "Files of this type can&#x27;t be opened here."
        in as_rep.get(message.get_absolute_url()).text
    )


@pytest.mark.once
def test_an_animation_becomes_a_picture(as_rep: Client, lead: Lead, api: SmallServer) -> None:
    written = BytesIO()
    frames = [Image.new("P", (8, 6), color) for color in range(3)]
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:], comment=b"47.37 N")
    api.always(http(200, written.getvalue()))
    click(as_rep, receive(lead, "image/gif"))
    kept = MediaFile.objects.get()
    with Image.open(BytesIO(kept.file.read())) as image:
        assert (kept.content_type, getattr(image, "n_frames", 1), image.info.get("comment")) == (
            "image/gif",
            1,
            None,
        )


@pytest.mark.once
@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (http(404), "The carrier no longer has this file."),
        (http(302, Location="http://169.254.169.254/"), "at the carrier, so it"),
        (http(200, photo()[:60]), "This file can&#x27;t be opened: this image is damaged."),
        (http(200, b"x" * 2_000), "This file is too large to download."),
    ],
    ids=["deleted", "elsewhere", "damaged", "large"],
)
def test_a_file_that_never_comes_is_explained_once(
    as_rep: Client,
    message: SmsMessage,
    api: SmallServer,
    monkeypatch: pytest.MonkeyPatch,
    reply: Reply,
    sentence: str,
) -> None:
    monkeypatch.setattr(media, "LARGEST", 1_999)
    api.always(reply)
    assert sentence in click(as_rep, message, HX_Request="true").text
    click(as_rep, message)
    assert len(api.requests) == 1
    html = as_rep.get(message.lead.get_absolute_url()).text
    assert sentence in html
    assert "Show picture" not in html


@pytest.mark.once
def test_a_failure_that_passes_can_be_tried_again(
    as_rep: Client, message: SmsMessage, api: SmallServer
) -> None:
    api.always(http(503))
    assert (
        "Try again in a minute."
        in as_rep.post(f"/messages/{message.pk}/files/", {"position": 0}, follow=True).text
    )
    html = click(as_rep, message, HX_Request="true").text
    assert "The carrier didn&#x27;t send the file." in html
    assert "Show picture" in html
    api.always(http(200, photo()))
    assert "<img" in click(as_rep, message, HX_Request="true").text


@pytest.mark.once
def test_a_carrier_that_is_no_longer_set_up_is_named(
    as_rep: Client, message: SmsMessage, settings: Settings
) -> None:
    settings.CARRIERS = []
    carriers.get.cache_clear()
    assert "Sandbox isn&#x27;t set up" in click(as_rep, message, HX_Request="true").text


@pytest.mark.once
def test_a_busy_inspection_says_so(
    as_rep: Client, message: SmsMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "WAIT_SECONDS", 0.01)
    with process.SLOT:
        assert "Try again in a minute." in click(as_rep, message, HX_Request="true").text
    assert not MediaFile.objects.exists()


@pytest.mark.once
def test_one_person_cannot_hold_all_threads(
    message: SmsMessage, rep: User, colleague: User, as_rep: Client, api: SmallServer
) -> None:
    """A second click waits in the browser; one that doesn't is refused at once."""
    with downloads._turn(rep):
        assert "Try again in a moment." in click(as_rep, message, HX_Request="true").text
    with downloads._turn(colleague), downloads._turn(User(pk=0)):
        assert "Try again in a moment." in click(as_rep, message, HX_Request="true").text
    assert api.requests == []
    assert "<img" in click(as_rep, message, HX_Request="true").text


@pytest.mark.once
def test_a_file_that_is_not_listed_is_not_found(
    as_rep: Client, message: SmsMessage, api: SmallServer
) -> None:
    for position in ("1", "-1", "", "²", "x", "99999999999999999999"):
        assert click(as_rep, message, position).status_code == 404, position
    assert api.requests == []


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_keep_one_file(
    message: SmsMessage, rep: User, colleague: User, api: SmallServer, private_files: Path
) -> None:
    first_asked, second_done = Event(), Event()

    def respond(_: ApiRequest) -> Reply:
        if not first_asked.is_set():
            first_asked.set()
            second_done.wait(20)
        return http(200, photo())

    api.respond = respond
    slow = Thread(target=downloads.fetch, args=(message, 0, rep))
    slow.start()
    first_asked.wait(20)
    downloads.fetch(message, 0, colleague)
    second_done.set()
    slow.join()
    message.refresh_from_db()
    assert message.media
    assert message.media[0]["file"] == MediaFile.objects.get().pk
    assert len(files_in(private_files)) == 1


@pytest.mark.once
def test_files_are_deleted_with_their_lead(
    as_rep: Client,
    message: SmsMessage,
    private_files: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    click(as_rep, message)
    assert len(files_in(private_files)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        message.lead.delete()
    assert files_in(private_files) == []


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
