"""Tell whether texting is allowed where the recipient is: an estimate from the number alone."""

from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from phonenumbers import PhoneNumberType, timezone

from leads.phones import Phone
from smscenter.accounts.models import Organization

# Federal (47 CFR 64.1200(c)(1)); some states are stricter.
OPENS, CLOSES = time(8), time(21)
# These numbers have no location, so their local time is unknown.
PLACELESS = {PhoneNumberType.PERSONAL_NUMBER, PhoneNumberType.TOLL_FREE}
# When it's 8 AM here, texting is allowed everywhere in the 48 states and most of Canada.
LAST_TO_OPEN = ZoneInfo("America/Los_Angeles")


@lru_cache(maxsize=2_000)  # A page asks for the same few numbers again and again.
def zones(phone: Phone) -> tuple[ZoneInfo, ...]:
    """Return each time zone in which this number may be: many for one without a location.

    This takes the whole number, because an area code can span two zones, and an exchange only one.
    """
    names = timezone.time_zones_for_number(phone.parsed)
    if timezone.UNKNOWN_TIMEZONE in names:
        # The number may be in a new range: look up its prefix.
        names = timezone.time_zones_for_geographical_number(phone.parsed)
    return tuple(ZoneInfo(name) for name in names if name != timezone.UNKNOWN_TIMEZONE)


def local_times(phone: Phone, at: datetime) -> list[datetime]:
    """Return the local times where the number may be, earliest first."""
    return sorted(
        (at.astimezone(zone) for zone in zones(phone)), key=lambda there: there.replace(tzinfo=None)
    )


def is_quiet(phone: Phone, at: datetime) -> bool:
    """Return whether it's before 8 AM or after 9 PM anywhere the person may be."""
    return any(not OPENS <= there.time() < CLOSES for there in local_times(phone, at))


def first_allowed(phone: Phone, at: datetime) -> datetime:
    """Return `at`, or the next opening if it's quiet then. Numbers without a place never are."""
    is_placed = phone.kind not in PLACELESS
    return next_opening(phone, at) if is_placed and is_quiet(phone, at) else at


def first_permitted(organization: Organization, phone: Phone, at: datetime) -> datetime:
    """Return when a text that's due at `at` may go out by the organization's rule."""
    if organization.quiet_hours == Organization.QuietHours.WARN:
        return at
    return first_allowed(phone, at)


def next_opening(phone: Phone, at: datetime) -> datetime:
    """Return the first 8 AM after `at` when texting is allowed wherever the person may be.

    For a number without a place, and for one whose places are never all awake, it's 8 AM Pacific.
    """
    there = () if phone.kind in PLACELESS else zones(phone)
    openings = sorted(_opening(zone, at, days) for zone in there for days in range(3))
    allowed = (each for each in openings if each > at and not is_quiet(phone, each))
    last = _opening(LAST_TO_OPEN, at, 0)
    return next(allowed, last if last > at else _opening(LAST_TO_OPEN, at, 1))


def _opening(zone: ZoneInfo, at: datetime, days: int) -> datetime:
    return datetime.combine(at.astimezone(zone).date() + timedelta(days=days), OPENS, zone)
