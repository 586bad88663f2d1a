"""Points in time as people say them, in the reader's time zone."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter(expects_localtime=True)
def moment(value: datetime | None) -> SafeString | str:
    """`Today, 4:55 PM`, `Yesterday, …`, `Nov 3, …` or `Nov 3, 2025`, with the whole on hover."""
    if value is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(timespec="seconds"),
        date_format(value, "l, F j, Y, g:i:s A T"),
        _in_words(value),
    )


def _in_words(value: datetime) -> str:
    today = timezone.localtime(timezone=value.tzinfo).date()
    clock = date_format(value, "g:i A")
    if value.date() == today:
        return f"Today, {clock}"
    if value.date() == today - timedelta(days=1):
        return f"Yesterday, {clock}"
    if value.year == today.year:
        return f"{date_format(value, 'M j')}, {clock}"
    return date_format(value, "M j, Y")
