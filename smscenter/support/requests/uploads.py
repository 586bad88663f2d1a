"""Detect what an uploaded file is, regardless of its name and what the browser says.

Images are rewritten from their pixels, so nothing hidden in a file is kept. PDFs and plain text are
kept as they are: they are only served as attachments. Images and PDFs are parsed in a separate
process (`inspection`), never in the web server.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from io import SEEK_END
from pathlib import PurePath
from typing import IO, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat

from smscenter.inspection.file_types import JPEG, PDF, PNG, WEBP, detect

MOST_FILES = 5
LARGEST = 5 * 1024 * 1024
# Of all requests of an organization.
MOST_STORED = 500 * 1024 * 1024
LONGEST_NAME = 100
FILE_TYPES = (PNG, JPEG, WEBP, PDF)
KINDS = "PNG, JPEG, WebP, PDF, or plain text"
# All control characters except whitespace.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
BLOCK = 64 * 1024


@dataclass(frozen=True)
class Upload:
    """A file that passed inspection, with the content to store."""

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


def inspect_upload(file: UploadedFile[Any]) -> Upload:
    """Inspect an uploaded file. Raise ValidationError if it's too large or not one of KINDS."""
    name = str(file.name or "")
    if file.size is None or file.size > LARGEST:
        raise ValidationError(f"{name[:40]}: files can be up to {filesizeformat(LARGEST)}.")
    # Large ones are on disk: files of several people don't fit in memory.
    content = cast("IO[bytes]", file.file)
    file_type = detect(content, FILE_TYPES)
    try:
        file_type.inspect(content) if file_type else _check_text(content)
    except ValueError as error:
        raise ValidationError(f"{name[:40]}: {error}") from error
    suffix = file_type.suffix if file_type else ".txt"
    content_type = file_type.content_type if file_type else "text/plain; charset=utf-8"
    return Upload(clean_name(name, suffix), content, content_type)


def clean_name(name: str, suffix: str) -> str:
    """Return a safe file name: no path, no control characters, and the suffix of its real type."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(mark for mark in unicodedata.normalize("NFC", last) if mark.isprintable())
    stem = PurePath(shown.strip(". ")).stem[: LONGEST_NAME - len(suffix)].strip(". ")
    return (stem or "file") + suffix


def _check_text(file: IO[bytes]) -> None:
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"use {KINDS}.") from error
    if CONTROLS.search(text):
        raise ValueError(f"use {KINDS}.")


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Accept several files at once, as a list of `Upload`."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        files: Sequence[Any] = data if isinstance(data, list | tuple) else [data] if data else []
        if len(files) > MOST_FILES:
            raise ValidationError(f"You can add up to {MOST_FILES} files.")
        return [inspect_upload(super(FilesField, self).clean(file, initial)) for file in files]
