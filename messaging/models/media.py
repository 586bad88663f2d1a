"""What comes with an incoming text: pictures and other files, which stay at the carrier."""

from collections import Counter
from collections.abc import Sequence
from typing import TypedDict

from django.template.defaultfilters import filesizeformat


class Media(TypedDict):
    """A file: its address at the carrier, its content type, and its size in bytes, if known."""

    url: str
    content_type: str
    size: int | None


NOUNS = {"image": "picture", "video": "video", "audio": "recording"}
TYPES = {"text/vcard": "contact card", "text/x-vcard": "contact card", "text/calendar": "event"}


def describe(media: Sequence[Media]) -> str:
    """Return what there is: `2 pictures and 1 video`."""
    counts = Counter(_noun(each) for each in media)
    parts = [f"{number} {noun}{'' if number == 1 else 's'}" for noun, number in counts.items()]
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def describe_one(media: Media) -> str:
    """Return the kind, type, and size of a file: `Picture (image/jpeg, 12 KB)`."""
    size = filesizeformat(media["size"]) if media["size"] is not None else ""
    details = ", ".join(filter(None, [media["content_type"], size]))
    return f"{_noun(media).capitalize()} ({details or 'unknown type'})"


def _noun(media: Media) -> str:
    content_type = media["content_type"].partition(";")[0].strip().lower()
    return TYPES.get(content_type) or NOUNS.get(content_type.partition("/")[0], "file")
