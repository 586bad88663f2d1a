"""Parse uploads in a separate process, with limits on time and memory.

Parsers of PDFs and images are large, and a small file can keep one busy for an hour. At its limits,
the process is killed, and the web server isn't affected. The process is started, not forked,
because web servers have threads.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from threading import BoundedSemaphore
from typing import IO

import structlog
from django.conf import settings

from smscenter.inspection.verdict import Verdict

# Per web process: two large images at once would use too much memory.
SLOT = BoundedSemaphore(1)
# One is inspected while two wait. The other threads of this process serve pages.
PLACES = BoundedSemaphore(3)
# Longer than most inspections, and short enough for a person who waits for a form.
WAIT_SECONDS = 10
# Longer than the CPU limit (`__main__`), because the machine is busy with other work too.
WALL_SECONDS = 20
# Only workers wait for a large workbook.
WORKBOOK_WALL_SECONDS = 240
BUSY = "we're checking other files right now. Try again in a minute."
BLOCK = 64 * 1024

log = structlog.get_logger(__name__)


class BusyError(ValueError):
    """Too many files are being inspected right now."""

    def __init__(self) -> None:
        super().__init__(BUSY)


def inspect(kind: str, file: IO[bytes]) -> None:
    """Replace the content of the file with what to store.

    `kind` is `pdf`, `workbook`, or a format of Pillow.

    Raise ValueError with a sentence.
    """
    with _turn(), TemporaryFile() as given, TemporaryFile() as stored:
        _copy(file, given)
        verdict = _run(kind, given, stored)
        if verdict is not Verdict.FINE:
            raise ValueError(verdict.sentence)
        _copy(stored, file)


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for a free slot. Raise BusyError if too many wait already, or it takes too long."""
    if not PLACES.acquire(blocking=False):
        raise BusyError
    try:
        if not SLOT.acquire(timeout=WAIT_SECONDS):
            raise BusyError
        try:
            yield
        finally:
            SLOT.release()
    finally:
        PLACES.release()


def _run(kind: str, given: IO[bytes], stored: IO[bytes]) -> Verdict:
    given.seek(0)
    try:
        process = subprocess.run(  # noqa: S603 - nothing of the upload is in the command
            [sys.executable, "-m", "smscenter.inspection", kind],
            stdin=given,
            stdout=stored,
            stderr=subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
            # Without the secrets of this process.
            env={},
            timeout=WORKBOOK_WALL_SECONDS if kind == "workbook" else WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        log.warning("upload_inspection_timed_out", kind=kind)
        return Verdict.TOO_COMPLEX
    try:
        return Verdict(process.returncode)
    except ValueError:
        # Killed at a limit, or crashed: what the file does is unknown.
        log.warning("upload_inspection_ended", kind=kind, status=process.returncode)
        return Verdict.TOO_COMPLEX


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    source.seek(0)
    target.seek(0)
    target.truncate()
    while block := source.read(BLOCK):
        target.write(block)
    target.seek(0)
