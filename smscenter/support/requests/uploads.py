"""What an uploaded file really is, whatever its name and its browser say.

An image is written anew from its pixels, so nothing that hides in it or behind it is kept. A PDF
and a plain text stay as they are: they are only ever served as attachments that run nothing. Images
and PDFs are parsed in a process of their own (`inspection`), never in the web server.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from io import SEEK_END
from pathlib import PurePath
from typing import IO, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat

from smscenter.support.requests.inspection import process

MOST_FILES = 5
LARGEST = 5 * 1024 * 1024
# Of one organization, all requests together.
MOST_STORED = 500 * 1024 * 1024
LONGEST_NAME = 100
KINDS = "PNG, JPEG, WebP, PDF, or plain text"
# All control characters but the blanks among them.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
LONGEST_MAGIC = 16
BLOCK = 64 * 1024


@dataclass(frozen=True)
class Upload:
    """A file that was looked into: it holds what is to be stored."""

    name: str
    file: IO[bytes]
    content_type: str

    @property
    def size(self) -> int:
        return self.file.seek(0, SEEK_END)

    @property
    def sha256(self) -> str:
        self.file.seek(0)
        digest = hashlib.sha256()
        while block := self.file.read(BLOCK):
            digest.update(block)
        return digest.hexdigest()


@dataclass(frozen=True)
class Kind:
    """`check` leaves in the file what is to be stored, or raises ValueError with a sentence."""

    magic: bytes
    content_type: str
    suffix: str
    check: Callable[[IO[bytes]], None]


def look_into(file: UploadedFile[Any]) -> Upload:
    """Raises ValidationError with a sentence for a file that is too large or none of KINDS."""
    name = str(file.name or "")
    if file.size is None or file.size > LARGEST:
        raise ValidationError(f"{name[:40]}: files can be up to {filesizeformat(LARGEST)}.")
    # On disk, if it is a large one: of several people's files there is no room in memory.
    content = cast("IO[bytes]", file.file)
    begin = content.read(LONGEST_MAGIC)
    kind = next((kind for kind in BY_MAGIC if begin.startswith(kind.magic)), TEXT)
    try:
        content.seek(0)
        kind.check(content)
    except ValueError as error:
        raise ValidationError(f"{name[:40]}: {error}") from error
    return Upload(clean_name(name, kind.suffix), content, kind.content_type)


def clean_name(name: str, suffix: str) -> str:
    """The last part of a path, without control characters, ending in what the file really is."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(mark for mark in unicodedata.normalize("NFC", last) if mark.isprintable())
    stem = PurePath(shown.strip(". ")).stem[: LONGEST_NAME - len(suffix)].strip(". ")
    return (stem or "file") + suffix


def _text(file: IO[bytes]) -> None:
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"use {KINDS}.") from error
    if CONTROLS.search(text):
        raise ValueError(f"use {KINDS}.")


BY_MAGIC = (
    Kind(b"\x89PNG\r\n\x1a\n", "image/png", ".png", partial(process.inspect, "PNG")),
    Kind(b"\xff\xd8\xff", "image/jpeg", ".jpg", partial(process.inspect, "JPEG")),
    Kind(b"RIFF", "image/webp", ".webp", partial(process.inspect, "WEBP")),
    Kind(b"%PDF-", "application/pdf", ".pdf", partial(process.inspect, "pdf")),
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
            raise ValidationError(f"You can add up to {MOST_FILES} files.")
        return [look_into(super(FilesField, self).clean(file, initial)) for file in files]
