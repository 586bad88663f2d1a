"""Refuses a PDF that does more than show pages. It is stored as it came, and somebody will open it.

A PDF names what it does, in the open or in object streams. Streams that cannot be read here are
refused too, because what reads them later may find such a name there.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

# Scripts, other programs, other files, forms that send themselves.
ACTIVE = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData|XFA)(?![\w.-])"
)
PROTECTED = re.compile(rb"/Encrypt(?![\w.-])")
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
OBJECT_STREAM = b"/ObjStm"
STREAM = re.compile(rb"\bstream\r?\n")
# Between `obj` and `stream` stands what a stream says of itself.
LONGEST_FACTS = 2_000
FILTER = re.compile(rb"/Filter\s*(?:\[\s*)?/FlateDecode(?:\s*\])?\s*(?=/|>>)")
# All object streams together: a few kilobytes can unfold to thousands of megabytes.
MOST_READ = 20 * 1024 * 1024

DOES_MORE = (
    "this PDF runs something, or other files are in it. "
    "Print it into a new PDF, or take a screenshot, and add that."
)
UNREADABLE = "this PDF is protected. Print it into a new PDF, or take a screenshot, and add that."


def refuse_active(content: bytes) -> None:
    """Raises ValueError with a sentence."""
    if zipfile.is_zipfile(BytesIO(content)):
        raise ValueError(DOES_MORE)
    plain = _plain(content)
    if PROTECTED.search(plain):
        raise ValueError(UNREADABLE)
    if any(ACTIVE.search(_plain(part)) for part in (plain, *_object_streams(content))):
        raise ValueError(DOES_MORE)


def _plain(content: bytes) -> bytes:
    """With /Java#53cript written out."""
    return ESCAPED.sub(lambda mark: bytes([int(mark[1], 16)]), content)


def _object_streams(content: bytes) -> Iterator[bytes]:
    found, room = 0, MOST_READ
    for stream in STREAM.finditer(content):
        facts = _facts(content, stream.start())
        if OBJECT_STREAM not in facts:
            continue
        found += 1
        if b"/Filter" not in facts:
            continue  # It stands there in the open.
        if not FILTER.search(facts) or b"/DecodeParms" in facts:
            raise ValueError(UNREADABLE)
        packed = content[stream.end() : content.find(b"endstream", stream.end())]
        unfolded = _unfold(packed, room - len(packed))
        room -= len(packed) + len(unfolded)
        yield unfolded
    if found != _plain(content).count(OBJECT_STREAM):
        raise ValueError(UNREADABLE)


def _facts(content: bytes, end: int) -> bytes:
    begin = content.rfind(b"obj", max(0, end - LONGEST_FACTS), end)
    return _plain(content[begin:end]) if begin >= 0 else b""


def _unfold(packed: bytes, room: int) -> bytes:
    reader = zlib.decompressobj()
    try:
        unfolded = reader.decompress(packed, room) if room > 0 else b""
    except zlib.error as error:
        raise ValueError(UNREADABLE) from error
    if not reader.eof:
        raise ValueError(UNREADABLE)
    return unfolded
