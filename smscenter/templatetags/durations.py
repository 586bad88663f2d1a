"""Durations as people say them."""

from datetime import timedelta

from django import template

register = template.Library()

DAY, HOUR, MINUTE = 86_400, 3_600, 60


@register.filter
def span(value: timedelta | None) -> str:
    """Return `2 days`, `5 hours`, or `12 minutes`, in the largest unit that gives at least 2."""
    if value is None:
        return "–"
    seconds = int(value.total_seconds())
    for unit, name in ((DAY, "day"), (HOUR, "hour")):
        if seconds >= 2 * unit:
            return f"{round(seconds / unit)} {name}s"
    minutes = max(1, round(seconds / MINUTE))
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
