"""The days that a page is about, and the days before them to compare with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from messaging.deliverability.recounting import end_of

DAY = timedelta(days=1)
DEFAULT = "30"
# Days, or months if they begin with an M.
PRESETS = {"7": "7 days", "30": "30 days", "90": "90 days", "m12": "12 months"}
COMPARISONS = {"": "Previous period", "year": "Same dates last year", "none": "Nothing"}
# A chart has at most about 50 bars.
MOST_DAYS, MOST_WEEKS = 45, 200
LONGEST = timedelta(days=366 * 3)
# No text is older, and Python has no date for a period before that of its first.
EARLIEST = date(2000, 1, 1)


class Step(Enum):
    """What one bar of a chart stands for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last`, both included. `preset` is empty for dates of one's own."""

    first: date
    last: date
    preset: str = ""

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def step(self) -> Step:
        if self.days <= MOST_DAYS:
            return Step.DAY
        return Step.WEEK if self.days <= MOST_WEEKS else Step.MONTH

    @property
    def previous(self) -> "Period":
        """Return the period before it: as many days, or the same dates a year earlier."""
        if self.preset.startswith("m"):
            return self.year_before
        return Period(self.first - timedelta(days=self.days), self.first - DAY)

    @property
    def year_before(self) -> "Period":
        return Period(_a_year_before(self.first), _a_year_before(self.last))

    def compared(self, comparison: str) -> "Period | None":
        """Return the period to compare it with: see COMPARISONS."""
        if comparison == "none":
            return None
        return self.year_before if comparison == "year" else self.previous

    def __iter__(self) -> Iterator[date]:
        return (self.first + n * DAY for n in range(self.days))

    def buckets(self) -> list["Period"]:
        """Return the parts that the bars of a chart stand for."""
        parts, first = [], self.first
        while first <= self.last:
            last = min(self._end_of_bucket(first), self.last)
            parts.append(Period(first, last))
            first = last + DAY
        return parts

    def _end_of_bucket(self, first: date) -> date:
        if self.step is Step.DAY:
            return first
        return first + 6 * DAY if self.step is Step.WEEK else end_of(first.replace(day=1)) - DAY


def read(params: Mapping[str, str], today: date) -> Period:
    """Return the period in the parameters of a URL. What can't be read is the default."""
    first, last = _date(params.get("from", "")), _date(params.get("to", ""))
    if first and last and first <= last:
        last = min(last, today)
        first = min(first, last)
        return Period(max(first, last - LONGEST), last)
    preset = params.get("period", "")
    return of_preset(preset if preset in PRESETS else DEFAULT, today)


def of_preset(preset: str, today: date) -> Period:
    if preset.startswith("m"):
        return Period(_months_before(today.replace(day=1), int(preset[1:]) - 1), today, preset)
    return Period(today - (int(preset) - 1) * DAY, today, preset)


def _date(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day >= EARLIEST else None


def _months_before(month: date, months: int) -> date:
    number = month.year * 12 + month.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _a_year_before(day: date) -> date:
    """Return the same date a year earlier, or the day before for February 29."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
