"""Whether it is a decent time at the recipient's place: an estimate from the number alone."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from phonenumbers import timezone

from leads.phones import Phone

# Federal (47 CFR 64.1200(c)(1)); some states are stricter.
OPENS, CLOSES = time(8), time(21)


def zones(phone: Phone) -> list[ZoneInfo]:
    """Each time zone in which this number may be; many where it belongs to no place.

    Asked with the whole number: an area code may lie in two zones where an exchange lies in one.
    """
    names = timezone.time_zones_for_number(phone.parsed)
    if timezone.UNKNOWN_TIMEZONE in names:
        # A number that does not exist may be one whose range is new: its prefix still tells.
        names = timezone.time_zones_for_geographical_number(phone.parsed)
    return [ZoneInfo(name) for name in names if name != timezone.UNKNOWN_TIMEZONE]


def local_times(phone: Phone, at: datetime) -> list[datetime]:
    """What the clocks show there, earliest first."""
    return sorted(
        (at.astimezone(zone) for zone in zones(phone)), key=lambda there: there.replace(tzinfo=None)
    )


def is_quiet(phone: Phone, at: datetime) -> bool:
    """Whether it is before 8 am or past 9 pm in any of the places where the person may be."""
    return any(not OPENS <= there.time() < CLOSES for there in local_times(phone, at))
