"""What comes with an incoming text: pictures and other files, which stay at the carrier."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple, NotRequired, TypedDict

from django.template.defaultfilters import filesizeformat

from smscenter.inspection.file_types import IMAGES


class Media(TypedDict):
    """A file: its address at the carrier, its content type, and its size in bytes, if known.

    Once someone wanted to see it, there's the ID of its `MediaFile`, or a `problem`.
    """

    url: str
    content_type: str
    size: int | None
    file: NotRequired[int]
    problem: NotRequired[str]


IMAGE_TYPES = frozenset(known.content_type for known in IMAGES)
NOUNS = {"image": "picture", "video": "video", "audio": "recording"}
TYPES = {"text/vcard": "contact card", "text/x-vcard": "contact card", "text/calendar": "event"}


def describe(media: Sequence[Media]) -> str:
    """Return what there is: `2 pictures and 1 video`."""
    counts = Counter(noun_of(each) for each in media)
    parts = [f"{number} {noun}{'' if number == 1 else 's'}" for noun, number in counts.items()]
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def summarize(text: str, media: Sequence[Media] | None) -> str:
    """Return a text, or what came without one."""
    return text or describe(media or [])


def describe_one(media: Media) -> str:
    """Return the kind, type, and size of a file: `Picture (image/jpeg, 12 KB)`."""
    size = filesizeformat(media["size"]) if media["size"] is not None else ""
    details = ", ".join(filter(None, [media["content_type"], size]))
    return f"{noun_of(media).capitalize()} ({details or 'unknown type'})"


class ListedFile(NamedTuple):
    """A file, and its place in the list."""

    position: int
    media: Media

    @property
    def description(self) -> str:
        return describe_one(self.media)

    @property
    def noun(self) -> str:
        return noun_of(self.media)

    @property
    def is_image(self) -> bool:
        return is_image(self.media)


def is_image(media: Media) -> bool:
    """Return whether its file is an image that was rewritten, so browsers may show it."""
    return "file" in media and media["content_type"] in IMAGE_TYPES


def noun_of(media: Media) -> str:
    """Return what people call it: `picture`, `contact card`, or else `file`."""
    content_type = media["content_type"].partition(";")[0].strip().lower()
    return TYPES.get(content_type) or NOUNS.get(content_type.partition("/")[0], "file")
