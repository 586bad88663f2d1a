from collections.abc import Iterator

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from messaging.composing import spam_marks

register = template.Library()


@register.filter
def marked(text: str) -> SafeString:
    """Return the text as HTML, with the words marked that spam filters look for."""
    return format_html_join("", "{}", ((part,) for part in _parts(text)))


def _parts(text: str) -> Iterator[str]:
    at = 0
    for mark in sorted(spam_marks.find(text), key=lambda mark: mark.start):
        if mark.start >= at:
            yield text[at : mark.start]
            yield format_html("<mark>{}</mark>", text[mark.start : mark.end])
            at = mark.end
    yield text[at:]
