"""Texting is allowed from 8 AM to 9 PM in the recipient's time zone."""

from datetime import UTC, datetime

import pytest

from leads.phones import Phone
from messaging.composing.quiet_hours import is_quiet, local_times, zones

SAN_FRANCISCO, IDAHO, NEWFOUNDLAND = "+14155550123", "+12085551234", "+17095551234"
TOLL_FREE = "+18005551212"


def at(hour: int, minute: int = 0, month: int = 5) -> datetime:
    return datetime(2026, month, 12, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("phone", "moment", "quiet"),
    [
        (SAN_FRANCISCO, at(14, 59), True),
        (SAN_FRANCISCO, at(15), False),
        (SAN_FRANCISCO, at(3, 59), False),
        (SAN_FRANCISCO, at(4), True),
        # One hour later in UTC in winter.
        (SAN_FRANCISCO, at(15, 59, month=1), True),
        (SAN_FRANCISCO, at(16, month=1), False),
        # After 8 AM and before 9 PM in both of Idaho's time zones.
        (IDAHO, at(14, 30), True),
        (IDAHO, at(15), False),
        (IDAHO, at(2, 59), False),
        (IDAHO, at(3), True),
        # Halifax and St. John's are half an hour apart.
        (NEWFOUNDLAND, at(10, 45), True),
        (NEWFOUNDLAND, at(11), False),
    ],
)
def test_texting_is_allowed_when_every_possible_place_allows_it(
    phone: str, moment: datetime, *, quiet: bool
) -> None:
    assert is_quiet(Phone(phone), moment) is quiet


def test_local_times_are_sorted() -> None:
    assert [f"{time:%H:%M}" for time in local_times(Phone(IDAHO), at(15))] == ["08:00", "09:00"]


def test_an_invalid_number_gets_its_place_from_its_prefix() -> None:
    assert [zone.key for zone in zones(Phone("+16845551234"))] == ["Pacific/Pago_Pago"]


def test_a_number_without_a_place_uses_every_time_zone() -> None:
    assert len(zones(Phone(TOLL_FREE))) > 10
    assert is_quiet(Phone(TOLL_FREE), at(18))


def test_a_foreign_number_has_its_own_time() -> None:
    assert is_quiet(Phone("+81312345678"), at(18))
