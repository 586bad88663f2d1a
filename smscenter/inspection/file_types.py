"""Types of files, told by how they begin, whatever their name or sender says."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO

from smscenter.inspection import process

LONGEST_MAGIC = 16


@dataclass(frozen=True)
class FileType:
    """A type of file. `kind` is what `process.inspect` calls it."""

    magic: bytes
    content_type: str
    suffix: str
    kind: str

    def inspect(self, file: IO[bytes]) -> None:
        """Replace the content of the file with what to store. Raises ValueError with a sentence."""
        process.inspect(self.kind, file)


PNG = FileType(b"\x89PNG\r\n\x1a\n", "image/png", ".png", "PNG")
JPEG = FileType(b"\xff\xd8\xff", "image/jpeg", ".jpg", "JPEG")
WEBP = FileType(b"RIFF", "image/webp", ".webp", "WEBP")
GIF = FileType(b"GIF8", "image/gif", ".gif", "GIF")
PDF = FileType(b"%PDF-", "application/pdf", ".pdf", "pdf")
# A zip archive. What's stored is its rows (`workbook.rows`).
WORKBOOK = FileType(b"PK\x03\x04", "application/json", ".rows", "workbook")
IMAGES = (PNG, JPEG, WEBP, GIF)


def detect(file: IO[bytes], types: Iterable[FileType]) -> FileType | None:
    """Return which of these types the file is, or None."""
    file.seek(0)
    begin = file.read(LONGEST_MAGIC)
    file.seek(0)
    return next((known for known in types if begin.startswith(known.magic)), None)
