from zlib import crc32

from django import template

from smscenter.accounts.models import User

register = template.Library()

# The classes of `.avatar` in layout.css.
HUES = ("blue", "violet", "pink", "amber", "green", "teal")


@register.inclusion_tag("_avatar.html")
def avatar(user: User | None, size: str = "") -> dict[str, str]:
    """Show a person's initials on a color that stays the same. It's decoration next to a name."""
    name = str(user) if user else "?"
    words = name.split()
    initials = "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
    hue = HUES[crc32(name.encode()) % len(HUES)] if user else ""
    return {"initials": initials, "hue": hue, "size": size}
