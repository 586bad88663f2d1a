"""What an uploaded file really is, whatever its name and its browser say.

An image is written anew from its pixels, so nothing that hides in it or behind it is kept. A PDF
and a plain text stay as they are: they are only ever served as attachments that run nothing.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from io import SEEK_END
from pathlib import PurePath
from typing import IO, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from PIL import Image, ImageOps

from smscenter.support import pdf_content

MOST_FILES = 5
LARGEST = 5 * 1024 * 1024
# Of one organization, all requests together.
MOST_STORED = 500 * 1024 * 1024
# A photo of a phone has 12 million. A few kilobytes can unfold to thousands of millions.
MOST_PIXELS = 13_000_000
# It may take 200 MB to write an image anew, and each thread that did it would keep a part of that.
# So one thread does it for all threads of a web server, one image after the other.
UNFOLDING = ThreadPoolExecutor(max_workers=1, thread_name_prefix="unfolding")
LONGEST_NAME = 100
KINDS = "PNG, JPEG, WebP, PDF or plain text"
# Where a PDF ends: readers look for it in the last part of a file.
PDF_END = 1_024
BLANKS = frozenset("\t\n\r\f")
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
        raise ValidationError(f"{name[:40]}: a file may have {filesizeformat(LARGEST)}.")
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


def _image(format_: str, file: IO[bytes]) -> None:
    try:
        is_anew = UNFOLDING.submit(_write_anew, format_, file).result()
    except Exception as error:
        # Decoders raise whatever they stumble over.
        raise ValueError("this image is damaged.") from error
    if not is_anew:
        raise ValueError(f"an image may have {MOST_PIXELS // 1_000_000} million pixels.")


def _write_anew(format_: str, file: IO[bytes]) -> bool:
    """Only the pixels: no comment, no place where it was taken, nothing after the end.

    Answers False for an image that is too large to be unfolded.
    """
    with Image.open(file, formats=[format_]) as image:
        if image.width * image.height > MOST_PIXELS:
            return False
        ImageOps.exif_transpose(image, in_place=True)
        image.load()
        image.info = {key: value for key, value in image.info.items() if key == "transparency"}
        file.seek(0)
        file.truncate()
        image.save(file, format_, quality=90)
    return True


def _pdf(file: IO[bytes]) -> None:
    content = file.read()
    end = content[-PDF_END:]
    if b"startxref" not in end or b"%%EOF" not in end:
        raise ValueError("this PDF is damaged.")
    pdf_content.refuse_active(content)


def _text(file: IO[bytes]) -> None:
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"only {KINDS} can be added.") from error
    if any(unicodedata.category(mark) == "Cc" and mark not in BLANKS for mark in text):
        raise ValueError(f"only {KINDS} can be added.")


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
