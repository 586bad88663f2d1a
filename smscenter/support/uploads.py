"""What an uploaded file really is, whatever its name and its browser say.

An image is written anew from its pixels, so nothing that hides in it or behind it is kept. A PDF
and a plain text stay as they are: they are only ever served as attachments that run nothing.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import PurePath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from PIL import Image, ImageOps

MOST_FILES = 5
LARGEST = 5 * 1024 * 1024
# Of one organization, all requests together.
MOST_STORED = 500 * 1024 * 1024
# A photo of a phone has 12 million. A few kilobytes can unfold to thousands of millions.
MOST_PIXELS = 13_000_000
LONGEST_NAME = 100
KINDS = "PNG, JPEG, WebP, PDF or plain text"
# Where a PDF ends: readers look for it in the last part of a file.
PDF_END = 1_024
BLANKS = frozenset("\t\n\r\f")


@dataclass(frozen=True)
class Upload:
    """A file that was looked into: `content` is what is to be stored."""

    name: str
    content: bytes
    content_type: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Kind:
    """`read` gives the bytes to store; it raises ValueError for what only begins like this kind."""

    magic: bytes
    content_type: str
    suffix: str
    read: Callable[[bytes], bytes]


def look_into(file: UploadedFile[Any]) -> Upload:
    """Raises ValidationError with a sentence for a file that is too large or none of KINDS."""
    name = str(file.name or "")
    if file.size is None or file.size > LARGEST:
        raise ValidationError(f"{name[:40]}: a file may have {filesizeformat(LARGEST)}.")
    content = file.read()
    kind = next((kind for kind in BY_MAGIC if content.startswith(kind.magic)), TEXT)
    try:
        kept = kind.read(content)
    except ValueError as error:
        raise ValidationError(f"{name[:40]}: {error}") from error
    return Upload(clean_name(name, kind.suffix), kept, kind.content_type)


def clean_name(name: str, suffix: str) -> str:
    """The last part of a path, without control characters, ending in what the file really is."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(mark for mark in unicodedata.normalize("NFC", last) if mark.isprintable())
    stem = PurePath(shown.strip(". ")).stem[: LONGEST_NAME - len(suffix)].strip(". ")
    return (stem or "file") + suffix


def _image(format_: str, content: bytes) -> bytes:
    try:
        with Image.open(BytesIO(content), formats=[format_]) as image:
            pixels = image.width * image.height
            if pixels <= MOST_PIXELS:
                return _anew(image, format_)
    except Exception as error:
        # Decoders raise whatever they stumble over.
        raise ValueError("this image is damaged.") from error
    raise ValueError(f"an image may have {MOST_PIXELS // 1_000_000} million pixels.")


def _anew(image: Image.Image, format_: str) -> bytes:
    """Only the pixels: no comment, no place where it was taken, nothing after the end."""
    ImageOps.exif_transpose(image, in_place=True)
    image.info = {key: value for key, value in image.info.items() if key == "transparency"}
    written = BytesIO()
    image.save(written, format_, quality=90)
    return written.getvalue()


def _pdf(content: bytes) -> bytes:
    end = content[-PDF_END:]
    if b"startxref" not in end or b"%%EOF" not in end:
        raise ValueError("this PDF is damaged.")
    return content


def _text(content: bytes) -> bytes:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"only {KINDS} can be added.") from error
    if any(unicodedata.category(mark) == "Cc" and mark not in BLANKS for mark in text):
        raise ValueError(f"only {KINDS} can be added.")
    return content


BY_MAGIC = (
    Kind(b"\x89PNG\r\n\x1a\n", "image/png", ".png", partial(_image, "PNG")),
    Kind(b"\xff\xd8\xff", "image/jpeg", ".jpg", partial(_image, "JPEG")),
    Kind(b"RIFF", "image/webp", ".webp", partial(_image, "WEBP")),
    Kind(b"%PDF-", "application/pdf", ".pdf", _pdf),
)
TEXT = Kind(b"", "text/plain; charset=utf-8", ".txt", _text)


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; its value is a list of Upload."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        files: Sequence[Any] = data if isinstance(data, list | tuple) else [data] if data else []
        if len(files) > MOST_FILES:
            raise ValidationError(f"You can add {MOST_FILES} files.")
        return [look_into(super(FilesField, self).clean(file, initial)) for file in files]
