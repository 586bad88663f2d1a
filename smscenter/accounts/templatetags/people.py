from functools import lru_cache
from zlib import crc32

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

register = template.Library()

# The classes of `.avatar` in layout.css.
HUES = ("blue", "violet", "pink", "amber", "green", "teal")


@register.simple_tag
def avatar(person: object, size: str = "") -> str:
    """Show a person's initials on a color that stays the same. It's decoration next to a name.

    `person` is a user, a contact, or a name.
    """
    return _avatar(str(person) if person else "", size)


@register.filter
def breakable(email: str) -> str:
    """Let an email break before its "@" when it's too long for its line, and not within a word."""
    return format_html_join(mark_safe("<wbr>@"), "{}", ((part,) for part in email.split("@")))


@lru_cache(maxsize=1_000)  # A list shows the same few owners again and again.
def _avatar(name: str, size: str) -> str:
    words = (name or "?").split()
    initials = "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
    hue = HUES[crc32(name.encode()) % len(HUES)] if name else ""
    return render_to_string("_avatar.html", {"initials": initials, "hue": hue, "size": size})
