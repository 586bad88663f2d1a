"""When a text is to be sent: a date and time on the recipient's clock.

Their time zone is estimated from the number. A number that may be in several zones uses the
westernmost, where the day starts last. For a number without a place, it's the writer's time zone.
"""

from datetime import UTC, datetime, tzinfo
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from leads.phones import Phone
from messaging.composing import quiet_hours
from smscenter import moments


class LocalTimeField(forms.DateTimeField):
    """A date and time without a time zone."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    default_error_messages = {
        "invalid": "Enter a date and a time.",
        "far": "Choose a date within the next year.",
    }

    def to_python(self, value: Any) -> datetime | None:
        with timezone.override(UTC):
            at = super().to_python(value)
            this_year = timezone.now().year
        if at is None:
            return None
        if not this_year <= at.year <= this_year + 1:
            raise ValidationError(self.error_messages["far"], code="far")
        return at.replace(tzinfo=None)


def zone_of(phone: Phone) -> tzinfo | None:
    """Return the recipient's time zone, or None if the number has no place."""
    if phone.kind in quiet_hours.PLACELESS:
        return None
    there = quiet_hours.local_times(phone, timezone.now())
    return there[0].tzinfo if there else None


def resolve(local: datetime, phone: Phone) -> datetime:
    """Return the moment at which the recipient's clock shows this date and time."""
    return local.replace(tzinfo=zone_of(phone) or timezone.get_current_timezone())


def local_time(at: datetime, phone: Phone) -> datetime:
    """Return what the recipient's clock shows at this moment, without a time zone."""
    there = at.astimezone(zone_of(phone) or timezone.get_current_timezone())
    return there.replace(tzinfo=None)


def shown(at: datetime, phone: Phone) -> str:
    """Return `Sat, Nov 28 at 8:00 AM their time`, and the reader's time if it's another."""
    zone = zone_of(phone)
    if zone is None:
        return f"{moments.upcoming(at)} your time"
    there = at.astimezone(zone)
    theirs = f"{moments.date_and_clock_there(there)} their time"
    is_same = there.utcoffset() == timezone.localtime(at).utcoffset()
    return theirs if is_same else f"{theirs} ({moments.clock(at)} yours)"


def clock_shown(phone: Phone) -> str:
    """Return whose clock counts: `Recipient's time, now 9:30 AM.`"""
    zone = zone_of(phone)
    if zone is None:
        return "Your time: this number has no location."
    return f"Recipient's time, now {moments.clock_there(timezone.now().astimezone(zone))}."
