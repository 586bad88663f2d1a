"""Filters for times, see smscenter/moments.py. They accept None."""

from datetime import datetime

from django import template
from django.utils.safestring import SafeString, mark_safe

from smscenter import moments

register = template.Library()


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """Return when something happened, with the full time on hover."""
    return _time(value, moments.spoken(value)) if value else ""


@register.filter
def brief(value: datetime | None) -> SafeString | str:
    """Return when something happened in one or two words, with the full time on hover."""
    return _time(value, moments.brief(value)) if value else ""


@register.filter
def mentioned(value: datetime | None) -> SafeString | str:
    """Return when something happened, inside a sentence, with the full time on hover."""
    return _time(value, moments.mentioned(value)) if value else ""


@register.filter
def upcoming(value: datetime | None) -> SafeString | str:
    """Return when something will happen, with the full time on hover."""
    return _time(value, moments.upcoming(value)) if value else ""


@register.filter
def clock_time(value: datetime) -> SafeString:
    """Return when something happened on a day that's shown above, with the full time on hover."""
    return _time(value, moments.clock(value))


@register.filter
def since(value: datetime | None) -> str:
    return moments.since(value) if value else ""


@register.filter
def day(value: datetime | None) -> str:
    return moments.day(value) if value else ""


@register.filter
def clock(value: datetime | None) -> str:
    return moments.clock(value) if value else ""


def _time(value: datetime, words: str) -> SafeString:
    at, title = value.isoformat(timespec="seconds"), moments.exact(value)
    # Nothing in it comes from people. Escaping takes as long as everything else here.
    return mark_safe(f'<time datetime="{at}" title="{title}">{words}</time>')  # noqa: S308
