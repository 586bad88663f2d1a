"""Count the segments of a text, and find out whether plain characters would save some.

GSM 03.38 holds 160 characters in one text and 153 in each part of a longer one; its extension
characters (`^ { } [ ] ~ \\ | €` and form feed) cost two. One character outside of it turns the
whole text into UCS-2: 70 and 67 UTF-16 units. Neither an extension character nor a surrogate pair
is split over two parts. An emoji of several characters can be: the standard and Twilio's
documentation only count UTF-16 units, although Twilio's own counter keeps such emoji whole.
"""

import unicodedata
from dataclasses import dataclass
from typing import Literal

import smsutil
from smsutil.codecs import GSM_CHARSET

Encoding = Literal["GSM-7", "UCS-2"]

# The length of a single segment, and of one of several, which need room for a header.
ALONE: dict[Encoding, int] = {"GSM-7": 160, "UCS-2": 70}
JOINED: dict[Encoding, int] = {"GSM-7": 153, "UCS-2": 67}

# The escape code, which isn't a character by itself.
GSM_CHARACTERS = frozenset(GSM_CHARSET) - {"\x1b"}

# Characters that phones and office programs insert, and their plain equivalents.
PLAIN = str.maketrans(
    dict.fromkeys("‘’‚‛′ʹʻʼˈ`´", "'")
    | dict.fromkeys("“”„‟″", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
                    "\u202f\u205f\u3000", " ")
    | dict.fromkeys("\u2028\u2029\u0085\v", "\n")
    | dict.fromkeys("\u00ad\u200b\u2060\ufeff", "")
    | {"…": "...", "•": "-", "‹": "<", "›": ">", "«": '"', "»": '"', "⁄": "/"}
)  # fmt: skip


@dataclass(frozen=True)
class Count:
    """`units` are septets or UTF-16 units; `left` is what still fits into the last segment."""

    encoding: Encoding
    segments: int
    units: int
    left: int
    capacity: int


@dataclass(frozen=True)
class SmartEncoding:
    """The same text in plainer characters, for the composer to show and the rep to accept."""

    text: str
    before: Count
    after: Count
    replaced: tuple[str, ...]

    @property
    def saved(self) -> int:
        return self.before.segments - self.after.segments


def normalize(text: str) -> str:
    """Return the text with LF line ends: the CRLF of forms would cost a character per line."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def count(text: str) -> Count:
    """Return how this text is sent. An empty text has no segments."""
    text = normalize(text)
    encoding: Encoding = "UCS-2" if beyond_gsm(text) else "GSM-7"
    if not text:
        return Count(encoding, 0, 0, ALONE[encoding], ALONE[encoding])
    octets = 1 if encoding == "GSM-7" else 2
    split = smsutil.gsm_split if encoding == "GSM-7" else smsutil.unicode_split
    parts = [part.bytes // octets for part in split(text).parts]
    capacity = ALONE[encoding] if len(parts) == 1 else JOINED[encoding]
    return Count(encoding, len(parts), sum(parts), capacity - parts[-1], capacity)


def beyond_gsm(text: str) -> tuple[str, ...]:
    """Return the characters that force UCS-2, each once, in their order."""
    return tuple(dict.fromkeys(c for c in normalize(text) if c not in GSM_CHARACTERS))


def to_plain(text: str) -> str:
    """Return the text with straight quotes, short dashes, plain spaces, and composed letters.

    Nothing that would change the meaning: letters keep their accents, and emoji stay.
    """
    return unicodedata.normalize("NFC", normalize(text)).translate(PLAIN)


def smart_encoding(text: str) -> SmartEncoding | None:
    """Return what smart encoding would change, or None if it saves no segments."""
    plain = to_plain(text)
    before, after = count(text), count(plain)
    if after.segments >= before.segments:
        return None
    kept = set(plain)
    replaced = tuple(c for c in beyond_gsm(text) if c not in kept)
    return SmartEncoding(plain, before, after, replaced)
