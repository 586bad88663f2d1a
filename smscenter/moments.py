"""Times the way people say them, in the reader's time zone.

All times that people read are formatted here. Templates use the filters of the same names. Members
of an organization see their own time zone, without its name. Everyone else (support staff,
administrators, emails, and files without a reader) gets the zone's name.

Not with Django's `date_format` or `strftime`, which take many times as long: lists show times in
each row.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from smscenter.wording import lowerfirst

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_zone_is_named = ContextVar("zone_is_named", default=True)
# The same as Django's current time zone, which takes ten times as long to read.
_zone = ContextVar[ZoneInfo | None]("zone", default=None)


@contextmanager
def reading_in(zone: ZoneInfo, *, named: bool) -> Iterator[None]:
    """Show times in this time zone, with or without its name."""
    token, zone_token = _zone_is_named.set(named), _zone.set(zone)
    try:
        with timezone.override(zone):
            yield
    finally:
        _zone_is_named.reset(token)
        _zone.reset(zone_token)


def day(at: datetime) -> str:
    """Return `Nov 25, 2026`, or `Nov 25, 2026 (UTC)`."""
    here = _here(at)
    return f"{calendar_day(here)} ({here:%Z})" if _zone_is_named.get() else calendar_day(here)


def calendar_day(day: date) -> str:
    """Return `Nov 25, 2026`, for a day that isn't a moment."""
    return f"{_day(day)}, {day.year}"


def calendar_days(first: date, last: date) -> str:
    """Return `Nov 3`, `Nov 3 – 9`, or `Nov 2026` for more than a week."""
    if (last - first).days > 7:
        return f"{first:%b} {first.year}"
    if first == last:
        return _day(first)
    end = last.day if first.month == last.month else _day(last)
    return f"{_day(first)} – {end}"


def clock(at: datetime) -> str:
    """Return `11:03 PM`, or `11:03 PM UTC`."""
    return _clock(_here(at))


def spoken(at: datetime) -> str:
    """Return `Today, 4:55 PM`, `Yesterday, …`, `Nov 3, …` or `Nov 3, 2025`."""
    here, today = _here(at), _today()
    if here.date() == today:
        return f"Today, {_clock(here)}"
    if here.date() == today - timedelta(days=1):
        return f"Yesterday, {_clock(here)}"
    if here.year == today.year:
        return f"{_day(here)}, {_clock(here)}"
    return day(at)


def brief(at: datetime) -> str:
    """Return `4:55 PM` today, then `Yesterday`, `Nov 3`, or `Nov 3, 2025`: for lists."""
    here, today = _here(at), _today()
    if here.date() == today:
        return _clock(here)
    if here.date() == today - timedelta(days=1):
        return "Yesterday"
    return _day(here) if here.year == today.year else calendar_day(here)


def full_day(at: datetime) -> str:
    """Return the day with the name of the weekday: `Monday, Nov 23`."""
    return _weekday(_here(at).date())


def heading(at: datetime) -> str:
    """Return the day above a group of rows: `Today`, `Yesterday`, `Monday, Nov 23`."""
    here, today = _here(at).date(), _today()
    if here == today:
        return "Today"
    if here == today - timedelta(days=1):
        return "Yesterday"
    return _weekday(here) if here.year == today.year else calendar_day(here)


def mentioned(at: datetime) -> str:
    """Return the same inside a sentence: `today, 4:55 PM`, `yesterday, …`, `Nov 3, …`."""
    words = spoken(at)
    return lowerfirst(words) if words.startswith(("Today", "Yesterday")) else words


def upcoming(at: datetime) -> str:
    """Return `at 11:33 PM`, `tomorrow at 8:04 AM`, `on Nov 29 at …` or `on Jan 2, 2027 at …`."""
    here, today = _here(at), _today()
    if here.date() == today:
        return f"at {_clock(here)}"
    if here.date() == today + timedelta(days=1):
        return f"tomorrow at {_clock(here)}"
    date = _day(here) if here.year == today.year else calendar_day(here)
    return f"on {date} at {_clock(here)}"


def since(at: datetime) -> str:
    """Return `10:42 AM`, `yesterday at …`, `Nov 3 at …` or `Nov 3, 2025 at …`, after "since"."""
    here, today = _here(at), _today()
    if here.date() == today - timedelta(days=1):
        return f"yesterday at {_clock(here)}"
    return upcoming(at).removeprefix("at ").removeprefix("on ")


def exact(at: datetime) -> str:
    """Return `Friday, November 27, 2026, 4:55:03 PM EST`."""
    here = _here(at)
    day = f"{WEEKDAYS[here.weekday()]}, {MONTHS[here.month - 1]} {here.day}, {here.year}"
    return f"{day}, {_twelve_hours(here)}:{here.second:02} {_half(here)} {here.tzname()}"


def clock_there(there: datetime) -> str:
    """Return what the clock shows in another place, for a time in that place's zone."""
    return f"{_twelve_hours(there)} {_half(there)}"


def date_and_clock_there(there: datetime) -> str:
    """Return `Sat, Nov 28 at 8:00 AM`, for a time in another place's zone."""
    return f"{there:%a}, {_day(there)} at {clock_there(there)}"


def _clock(here: datetime) -> str:
    return f"{clock_there(here)} {here:%Z}" if _zone_is_named.get() else clock_there(here)


def _here(at: datetime) -> datetime:
    return at.astimezone(_zone.get() or timezone.get_current_timezone())


def _today() -> date:
    return _here(timezone.now()).date()


def _twelve_hours(there: datetime) -> str:
    return f"{there.hour % 12 or 12}:{there.minute:02}"


def _half(there: datetime) -> str:
    return "PM" if there.hour >= 12 else "AM"


def _day(day: date) -> str:
    return f"{MONTHS[day.month - 1][:3]} {day.day}"


def _weekday(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]}, {_day(day)}"
