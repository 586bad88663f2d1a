import re

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def highlight(text: str, words: str) -> SafeString | str:
    """Put the parts of a text that match one of the words in bold."""
    found = re.findall(r"\w+", words)
    if not found:
        return text
    pattern = "|".join(map(re.escape, sorted(found, key=len, reverse=True)))
    parts = re.split(f"({pattern})", text, flags=re.IGNORECASE)
    # Every second part is a match.
    return format_html_join("", "{}<b>{}</b>", zip(parts[::2], [*parts[1::2], ""], strict=True))
