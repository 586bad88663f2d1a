"""Spans of time as people say them."""

from datetime import timedelta

from django import template

register = template.Library()

DAY, HOUR, MINUTE = 86_400, 3_600, 60


@register.filter
def span(value: timedelta | None) -> str:
    """`2 days`, `5 hours`, `12 minutes`: the largest unit of which there are two, or a dash."""
    if value is None:
        return "–"
    seconds = int(value.total_seconds())
    for unit, name in ((DAY, "day"), (HOUR, "hour")):
        if seconds >= 2 * unit:
            return f"{round(seconds / unit)} {name}s"
    minutes = max(1, round(seconds / MINUTE))
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
