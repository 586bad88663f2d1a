"""Filters for avatars: a person's initials on a color that stays the same."""

import zlib

from django import template

register = template.Library()

HUES = 6


@register.filter
def initials(name: object) -> str:
    """Return `AS` for Ada Sorensen, and `?` without a name."""
    words = [word for word in str(name or "").split() if word[0].isalnum()]
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[0] for word in words]
    return "".join(letters).upper() or "?"


@register.filter
def hue(name: object) -> int:
    """Return the number of the color for this name, 1 to 6, or 0 for gray without a name."""
    return zlib.crc32(str(name).encode()) % HUES + 1 if name else 0
