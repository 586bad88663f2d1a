"""Files that came with a text: downloaded when a person asks for one, and then kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import SEEK_END
from tempfile import TemporaryFile
from threading import Lock
from typing import IO

import structlog
from django.core.files.base import File
from django.db import transaction

from messaging import carriers
from messaging.carriers.media import MediaError
from messaging.models import MediaFile, SmsMessage
from messaging.models.media import Media, noun_of
from smscenter.accounts.models import User
from smscenter.inspection.file_types import IMAGES, PDF, detect
from smscenter.inspection.process import BusyError

log = structlog.get_logger(__name__)

# Types that are kept as they are, and only served as attachments, with the suffix for their names.
AS_THEY_ARE = {
    "audio/aac": ".aac",
    "audio/amr": ".amr",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "image/heic": ".heic",
    "text/calendar": ".ics",
    "text/plain": ".txt",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "video/3gpp": ".3gp",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
}
# People with a download in this process. Its other threads serve pages.
MOST_AT_ONCE = 2
downloading: set[int] = set()
lock = Lock()


class TryLaterError(Exception):
    """The file can't be downloaded right now. The message says why."""


def fetch(message: SmsMessage, position: int, user: User) -> None:
    """Keep a file of an incoming text, or why it can't be shown. The carrier is only asked once.

    Raises TryLaterError.
    """
    listed: Media = (message.media or [])[position]
    if "file" in listed or "problem" in listed:
        return
    row = MediaFile(
        organization_id=message.organization_id, message=message, position=position, user=user
    )
    with _turn(user), TemporaryFile() as content:
        try:
            _download(message, listed["url"], content)
            problem = _inspect(row, listed, content)
        except MediaError as error:
            if not error.problem.is_permanent:
                raise TryLaterError(error.problem.value) from error
            problem = error.problem.value
        _keep(message, row, problem)
    log.info("media_downloaded", message=message.pk, user=user.pk, problem=problem or None)


@contextmanager
def _turn(user: User) -> Iterator[None]:
    """Let a person download one file at a time. Raises TryLaterError."""
    with lock:
        if user.pk in downloading or len(downloading) >= MOST_AT_ONCE:
            raise TryLaterError("Other files are being downloaded. Try again in a moment.")
        downloading.add(user.pk)
    try:
        yield
    finally:
        with lock:
            downloading.discard(user.pk)


def _download(message: SmsMessage, url: str, content: IO[bytes]) -> None:
    key = message.sender.carrier if message.sender else ""
    try:
        carrier = carriers.get(key)
    except KeyError as error:
        why = f"{carriers.label(key)} isn't set up. Ask your administrator."
        raise TryLaterError(why) from error
    carrier.download(url, content)


def _inspect(row: MediaFile, listed: Media, content: IO[bytes]) -> str:
    """Fill in what's to be stored, or return why it can't be. Raises TryLaterError."""
    content_type = listed["content_type"].partition(";")[0].strip().lower()
    known = detect(content, (*IMAGES, PDF))
    suffix = known.suffix if known else AS_THEY_ARE.get(content_type)
    if suffix is None:
        return "Files of this type can't be opened here."
    try:
        if known:
            known.inspect(content)
    except BusyError as error:
        raise TryLaterError("Other files are being checked. Try again in a minute.") from error
    except ValueError as error:
        return f"This file can't be opened: {error}"
    row.size = content.seek(0, SEEK_END)
    row.content_type = known.content_type if known else content_type
    row.name = f"{noun_of(listed).replace(' ', '-')}-{row.message_id}-{row.position + 1}{suffix}"
    row.file = File(content, "new")
    return ""


def _keep(message: SmsMessage, row: MediaFile, problem: str) -> None:
    """Store the file, or the problem, unless somebody else did meanwhile."""
    try:
        with transaction.atomic():
            rows = SmsMessage.objects.filter(pk=message.pk)
            media: list[Media] = rows.select_for_update(no_key=True).get().media or []
            listed = media[row.position]
            if "file" in listed or "problem" in listed:
                return
            if problem:
                listed["problem"] = problem
            else:
                row.save()
                listed |= {"file": row.pk, "content_type": row.content_type, "size": row.size}
            rows.update(media=media)
    except Exception:
        if not problem:
            row.file.delete(save=False)
        raise
