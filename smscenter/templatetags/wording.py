"""In templates: `{{ label|lowerfirst }}`, `{{ words|quote }}`, `<q>{{ words|unquoted }}</q>`."""

from django import template
from django.utils.text import Truncator

from smscenter import wording

register = template.Library()
register.filter(wording.lowerfirst)
register.filter(wording.unquoted)
register.filter(wording.quote)


@register.filter
def shorten(text: str, length: int) -> str:
    """Return up to so many characters, like `truncatechars`, which also counts those of a text
    that fits: slow in a list."""
    return text if len(text) <= length else Truncator(text).chars(length)
