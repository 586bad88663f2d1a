"""Texts that waited for a carrier until it was too late: at night, or for a code to work."""

from datetime import datetime

from messaging.carriers import breaker
from messaging.composing import quiet_hours
from messaging.models import Attempt, PhoneVerification, SmsMessage


def opening_for(attempt: Attempt, at: datetime) -> datetime | None:
    """Return when to send an attempt that waited for its carrier, if it's quiet hours now.

    A text that was meant for quiet hours is sent: the person was warned, and chose to.
    """
    health = breaker.known.health.get(attempt.carrier)
    meant_for = attempt.message.scheduled or attempt.created
    if health is None or health.resumed is None or meant_for >= health.resumed:
        return None
    phone = attempt.message.number
    if quiet_hours.first_allowed(phone, meant_for) > meant_for:
        return None
    opening = quiet_hours.first_allowed(phone, at)
    return opening if opening > at else None


def is_late_code(message: SmsMessage, at: datetime) -> bool:
    """Return whether this is a code that no longer works."""
    is_code = message.automatic == SmsMessage.Automatic.CODE
    return is_code and at >= message.created + PhoneVerification.LASTS
