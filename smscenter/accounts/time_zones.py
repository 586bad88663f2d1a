"""The names of the 600 time zones. Python searches the disk for them each time: 10 ms."""

import zoneinfo
from functools import cache


@cache
def time_zone_names() -> tuple[str, ...]:
    return tuple(sorted(zoneinfo.available_timezones()))


def time_zones() -> list[tuple[str, str]]:
    """Return the choices of a form."""
    return [(name, name.replace("_", " ")) for name in time_zone_names()]
