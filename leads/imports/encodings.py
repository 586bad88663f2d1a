"""Tell the encoding and the delimiter of a CSV file, as Excel and others write them."""

import codecs
import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import IO

BLOCK = 256 * 1024
ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252",
    "mac_roman": "Mac",
}
DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Pipe"}
BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
PUNCTUATION = frozenset("’‘“”–—…•€®©™°\N{NO-BREAK SPACE}")
# Excel writes this first line for itself.
SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n?")
SAMPLE_LINES = 50


def encoding_of(file: IO[bytes]) -> str:
    """Return the name of the encoding, for `open`."""
    file.seek(0)
    begin = file.read(BLOCK)
    for mark, name in BOMS.items():
        if begin.startswith(mark):
            return name
    if without_mark := _utf_16_without_mark(begin):
        return without_mark
    return "utf-8-sig" if _is_utf_8(file) else _single_byte(file)


def _utf_16_without_mark(begin: bytes) -> str:
    """Return which UTF-16 it is if every other byte of mostly ASCII text is 0."""
    half = len(begin) // 2
    if half and begin[1::2].count(0) > half // 2:
        return "utf-16-le"
    return "utf-16-be" if half and begin[::2].count(0) > half // 2 else ""


def _is_utf_8(file: IO[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while block := file.read(BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _single_byte(file: IO[bytes]) -> str:
    """Return Windows or Mac, whichever reads words with accents as words."""
    file.seek(0)
    lines = (line for line in file if not line.isascii())
    sample = b"".join(line for line, _ in zip(lines, range(1000), strict=False))[:BLOCK]
    return max(("cp1252", "mac_roman"), key=lambda name: _likeness(sample, name))


def _likeness(sample: bytes, encoding: str) -> int:
    """Return how much the text looks like words: `José` rather than `JosŽ`."""
    text = sample.decode(encoding, "replace")
    pairs = zip(" " + text, text, strict=False)
    return sum(_score(before, mark) for before, mark in pairs if mark > "\x7f")


def _score(before: str, mark: str) -> int:
    if mark in PUNCTUATION:
        return 0
    if not mark.isalpha() or unicodedata.name(mark, "").startswith(("GREEK", "MODIFIER")):
        return -2
    return -1 if mark.isupper() and before.islower() else 1


def delimiter_of(lines: Iterable[str]) -> str:
    """Return the delimiter with which most of these lines have the same number of cells."""
    sample = list(lines)
    if sample and (match := SEPARATOR_LINE.fullmatch(sample[0])):
        return match[1]
    return max(DELIMITERS, key=lambda mark: _evenness(sample, mark))


def _evenness(lines: list[str], delimiter: str) -> tuple[float, int]:
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
    except csv.Error:
        return 0, 0
    if not widths:
        return 0, 0
    width, number = widths.most_common(1)[0]
    return (number / widths.total() if width > 1 else 0), width
