from zlib import crc32

from django import template

register = template.Library()

# The classes of `.avatar` in layout.css.
HUES = ("blue", "violet", "pink", "amber", "green", "teal")


@register.inclusion_tag("_avatar.html")
def avatar(person: object, size: str = "") -> dict[str, str]:
    """Show a person's initials on a color that stays the same. It's decoration next to a name.

    `person` is a user, a contact, or a name.
    """
    name = str(person) if person else "?"
    words = name.split()
    initials = "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
    hue = HUES[crc32(name.encode()) % len(HUES)] if person else ""
    return {"initials": initials, "hue": hue, "size": size}
