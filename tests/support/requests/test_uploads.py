"""Test uploads: files are inspected, rewritten, or rejected by their content."""

import zipfile
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from time import process_time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from smscenter.inspection import image as image_inspection
from smscenter.inspection import process
from smscenter.inspection.verdict import Refused, Verdict
from smscenter.support.requests import uploads
from smscenter.support.requests.uploads import Upload, clean_name, inspect_upload
from tests.support import pdfs
from tests.support.requests.conftest import LowerLimits

pytestmark = pytest.mark.once
HTML = b"<script>alert(document.domain)</script>"
PDF = pdfs.write(pdfs.objects())


def image(format_: str = "PNG", size: tuple[int, int] = (8, 6), **options: Any) -> bytes:
    written = BytesIO()
    Image.new("RGB", size, "teal").save(written, format_, **options)
    return written.getvalue()


def archive(*names: str) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, b"\0" * 5_000_000)
    return written.getvalue()


def inspected(content: bytes, name: str = "form.png", content_type: str = "image/png") -> Any:
    return inspect_upload(SimpleUploadedFile(name, content, content_type))


def content_of(upload: Upload) -> bytes:
    upload.file.seek(0)
    return upload.file.read()


@pytest.mark.parametrize(
    ("content", "content_type", "name"),
    [
        (image("PNG"), "image/png", "form.png"),
        (image("JPEG"), "image/jpeg", "form.jpg"),
        (image("WEBP"), "image/webp", "form.webp"),
        (PDF, "application/pdf", "form.pdf"),
        ("Ich stimme zu: ä, 同意\r\n".encode(), "text/plain; charset=utf-8", "form.txt"),
    ],
)
def test_file_types_are_detected_by_content(content: bytes, content_type: str, name: str) -> None:
    upload = inspected(content, "form.exe", "application/x-msdownload")
    assert (upload.content_type, upload.name) == (content_type, name)
    assert len(upload.sha256) == 64


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00\x03" + bytes(range(256)),
        b"\x7fELF\x02\x01\x01\0" + b"\0" * 50,
        archive("bomb.txt"),
        archive("[Content_Types].xml", "word/document.xml"),
        b"\x1f\x8b\x08\0" + b"\xff" * 50,
        b"GIF89a" + b"\0\xff" * 50,
        b"a text with a \0 in it",
        b"a text with \x1b[31m in it",
        "UTF-16".encode("utf-16"),
        HTML.replace(b"alert", b"al\xffrt") + PDF,
        b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 60,
        b"\x89PNG\r\n\x1a\n" + HTML,
        image("PNG")[:-30],
        b"\xff\xd8\xff\xe0" + HTML,
        image("JPEG")[:300],
        b"%PDF-1.4\n" + HTML,
        HTML + b"\xff" + PDF,
        PDF[:-8],
    ],
)
def test_other_files_are_rejected_with_an_error(content: bytes) -> None:
    with pytest.raises(
        ValidationError, match=r"(use PNG, JPEG, WebP, PDF, or plain text|is damaged)\."
    ):
        inspected(content)


def test_html_behind_the_pixels_is_dropped() -> None:
    for format_ in ("PNG", "JPEG", "WEBP"):
        upload = inspected(image(format_) + HTML)
        assert HTML not in content_of(upload)
        assert Image.open(upload.file).getpixel((0, 0)) == pytest.approx((0, 128, 128), abs=6)


def test_html_inside_an_image_is_dropped() -> None:
    info = PngInfo()
    info.add_text("Comment", HTML.decode())
    exif = Image.Exif()
    exif[0x010E] = HTML.decode()
    hidden = [
        image("PNG", pnginfo=info),
        image("PNG", icc_profile=HTML),
        image("JPEG", comment=HTML),
        image("JPEG", exif=exif),
        image("WEBP", exif=exif),
        image("WEBP", xmp=HTML),
    ]
    for content in hidden:
        assert b"alert" not in content_of(inspected(content))


def test_a_photo_loses_its_location_and_stays_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated by 90 degrees
    exif.get_ifd(0x8825)[1] = "N"
    photo = Image.open(inspected(image("JPEG", size=(8, 6), exif=exif)).file)
    assert photo.size == (6, 8)
    assert not photo.getexif()


def test_a_decompression_bomb_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = image("PNG", size=(3_700, 3_600))
    assert len(bomb) < 100_000
    with pytest.raises(ValidationError, match="13 million pixels"):
        inspected(bomb)
    monkeypatch.setattr(Image.Image, "load", lambda _image: pytest.fail("unfolded"))
    with pytest.raises(Refused) as refused:
        image_inspection.rewrite(bomb, "PNG")
    assert refused.value.verdict is Verdict.HUGE_IMAGE


def test_a_jpeg_with_a_thousand_scans_is_stopped(lower_limits: LowerLimits) -> None:
    """Test an 80 KB file that takes 8 seconds to decode. A 5 MB file would take half an hour."""
    lower_limits(CPU_SECONDS=1)
    photo = image("JPEG", size=(3_600, 3_600), progressive=True)
    last_pass = photo[photo.rindex(b"\xff\xda") : -2]
    start = process_time()
    with pytest.raises(ValidationError, match="too complex to check"):
        inspected(photo[:-2] + last_pass * 2_000 + photo[-2:])
    assert process_time() - start < 1
    assert inspected(image("JPEG")).content_type == "image/jpeg"


def test_files_are_inspected_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Test that images are decoded one at a time, because each can take hundreds of MB."""
    now: list[object] = []
    most: list[int] = []
    run = process._run

    def counted(*arguments: Any) -> Verdict:
        now.append(arguments)
        most.append(len(now))
        verdict = run(*arguments)
        now.pop()
        return verdict

    monkeypatch.setattr(process, "_run", counted)
    photo = image("JPEG", size=(2_000, 1_500))
    with ThreadPoolExecutor(3) as people:
        list(people.map(inspected, [photo] * 6))
    assert len(most) == 6
    assert max(most) == 1


def test_a_long_text_file_is_inspected_quickly() -> None:
    start = process_time()
    inspected("I agree: ä\r\n".encode() * 400_000)
    assert process_time() - start < 0.5


def test_a_tiny_webp_with_a_huge_canvas_is_rejected() -> None:
    frame = image("WEBP", lossless=True)[12:]
    chunk = b"ANMF" + (24 + len(frame)).to_bytes(4, "little")
    chunk += bytes(6) + b"\x07\0\0\x05\0\0" + bytes(4) + frame
    canvas = (16_000).to_bytes(3, "little") * 2
    body = b"WEBPVP8X\x0a\0\0\0\x02\0\0\0" + canvas + b"ANIM\x06\0\0\0" + bytes(6) + chunk
    with pytest.raises(ValidationError, match=r"damaged|pixels"):
        inspected(b"RIFF" + len(body).to_bytes(4, "little") + body)


def test_an_image_with_huge_dimensions_is_rejected() -> None:
    content = bytearray(image("PNG"))
    content[16:24] = (60_000).to_bytes(4, "big") * 2
    with pytest.raises(ValidationError, match=r"damaged|pixels"):
        inspected(bytes(content))


def test_html_with_an_image_type_is_stored_as_text() -> None:
    """Test disguised files, which the view serves as plain text attachments."""
    upload = inspected(b"<!doctype html>" + HTML, "form.png", "image/png")
    assert (upload.content_type, upload.name) == ("text/plain; charset=utf-8", "form.txt")


def test_a_file_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    file = SimpleUploadedFile("form.txt", b"x" * 11)
    monkeypatch.setattr(uploads, "LARGEST", 10)
    file.file = None  # reading it would fail
    with pytest.raises(ValidationError, match="files can be up to 10"):
        inspect_upload(file)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd.txt"),
        ("..\\..\\windows\\system.ini", "system.txt"),
        ("/absolute/form.html", "form.txt"),
        ("C:\\form.png", "form.txt"),
        ("form.png.exe", "form.png.txt"),
        ("a\0b\r\nSet-Cookie: x.txt", "abSet-Cookie: x.txt"),
        ("\u202egnp.exe", "gnp.txt"),
        ("...", "file.txt"),
        ("", "file.txt"),
        (".htaccess", "htaccess.txt"),
        ("x" * 300 + ".txt", "x" * 96 + ".txt"),
        ("Zürich 同意.txt", "Zürich 同意.txt"),
        ("Zu\u0308rich.txt", "Zürich.txt"),
    ],
)
def test_file_names_are_sanitized(name: str, clean: str) -> None:
    assert clean_name(name, ".txt") == clean
