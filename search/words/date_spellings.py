"""Suggest dates for spellings that the search language doesn't read, such as 11/12/2026.

The most likely date comes first. US reps write the month first, so `11/12/2026` is November 12. An
ambiguous date is suggested both ways.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from search.words.dates import WEEKDAYS
from search.words.fields import Replacement

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
NUMBERS |= {"six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
UNITS = {"m": "mins", "h": "hours", "hr": "hours", "hrs": "hours", "d": "days"}
UNITS |= {"w": "weeks", "wk": "weeks", "wks": "weeks", "mo": "months", "mos": "months"}
UNITS |= {"y": "years", "yr": "years", "yrs": "years"}
UNITS |= {
    f"{unit}{plural}": f"{unit}s"
    for unit in ("min", "minute", "hour", "day", "week", "month", "year")
    for plural in ("", "s")
}
REVERSED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def spellings(text: str, operator: str, now: datetime) -> list[Replacement]:
    """Return the dates that a text may mean, or an empty list."""
    text = " ".join(text.lower().strip("'\";,. ").split())
    for pattern, read in READERS:
        if match := re.fullmatch(pattern, text):
            try:
                found = dict.fromkeys(read(match, operator, now))
            except ValueError:
                return []
            return [each for each in found if each != Replacement(text)]
    return []


def _day(year: int, month: int, day: int) -> Replacement | None:
    try:
        return Replacement(date(year, month, day).isoformat())
    except ValueError:
        return None


def _days(*days: Replacement | None) -> list[Replacement]:
    return [day for day in days if day]


def _year(text: str | None) -> int | None:
    return None if not text else int(text) + (2000 if len(text) == 2 else 0)


def _with_year(month: int, day: int, year: str | None, now: datetime) -> list[Replacement]:
    """Use this year if none is given, or last year for a date that's still to come."""
    if typed := _year(year):
        return _days(_day(typed, month, day))
    this = _days(_day(now.year, month, day))
    ahead = bool(this) and this[0].value > now.date().isoformat()
    return this + (_days(_day(now.year - 1, month, day)) if ahead else [])


def _slashed(match: re.Match[str], _: str, now: datetime) -> list[Replacement]:
    first, second, year = int(match["first"]), int(match["second"]), match["year"]
    day_first = match["sign"] == "."
    pairs = [(first, second), (second, first)]
    if day_first:
        pairs.reverse()
    return [each for month, day in pairs for each in _with_year(month, day, year, now)]


def _iso(match: re.Match[str], _: str, __: datetime) -> list[Replacement]:
    return _days(_day(int(match["year"]), int(match["month"]), int(match["day"])))


def _named(match: re.Match[str], _: str, now: datetime) -> list[Replacement]:
    month = MONTHS.index(match["month"][:3]) + 1
    if match["day"]:
        return _with_year(month, int(match["day"]), match["year"], now)
    year = _year(match["year"]) or now.year - (month > now.month)
    return [Replacement(f"{year}-{month:02}")]


def _weekday(match: re.Match[str], _: str, now: datetime) -> list[Replacement]:
    name = next(day for day in WEEKDAYS if day.startswith(match["day"][:3]))
    ahead = (WEEKDAYS.index(name) - now.weekday()) % 7
    today = now.date()
    if match["which"] == "next":
        return [Replacement((today + timedelta(days=ahead or 7)).isoformat()), Replacement(name)]
    if match["which"] == "last" and not ahead:
        return [Replacement(name), Replacement((today - timedelta(days=7)).isoformat())]
    return [Replacement(name)]


def _age(match: re.Match[str], operator: str, _: datetime) -> list[Replacement]:
    """Read `7d`, `a week ago`, `past 7 days` as an age: that old or younger."""
    count = NUMBERS.get(match["number"] or "one") or int(match["number"])
    unit = UNITS[match["unit"]]
    age = f"{count} {unit.removesuffix('s') if count == 1 else unit} ago"
    if operator in REVERSED:
        # `> -7d` means since seven days ago, which is an age of less than seven days.
        reversed_ = Replacement(age, REVERSED[operator])
        plain = Replacement(age, operator)
        return [reversed_, plain] if match["sign"] else [plain]
    younger = Replacement(age, "<")
    return [younger, Replacement(age)] if match["ago"] and operator != "!=" else [younger]


WEEKDAY = r"(?P<day>mon|tues?|wed(?:nes)?|thur?s?|fri|sat(?:ur)?|sun)(?:day)?s?"
MONTH = rf"(?P<month>(?:{'|'.join(MONTHS)})[a-z]*)\.?"
DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
YEAR = r"(?P<year>\d{4})"
NUMBER = rf"(?P<number>\d{{1,4}}|{'|'.join(NUMBERS)})"
UNIT = rf"(?P<unit>{'|'.join(sorted(UNITS, key=len, reverse=True))})"
SINCE = r"(?:in )?(?:the )?(?:(?:last|past|within|previous) )?"
Reader = Callable[[re.Match[str], str, datetime], Sequence[Replacement]]
READERS: list[tuple[str, Reader]] = [
    (r"(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})", _iso),
    (r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)", _iso),
    (
        r"(?P<first>\d{1,2})(?P<sign>[-/.])(?P<second>\d{1,2})(?:(?P=sign)(?P<year>\d{4}|\d\d))?",
        _slashed,
    ),
    (rf"{MONTH} {DAY}(?:,? {YEAR})?", _named),
    (rf"{DAY} {MONTH}(?:,? {YEAR})?", _named),
    (rf"{MONTH}(?:,? {YEAR})?(?P<day>)", _named),
    (rf"(?:(?P<which>last|this|next|on) )?{WEEKDAY}", _weekday),
    (rf"{SINCE}(?P<sign>-?) ?{NUMBER} ?{UNIT}(?P<ago> ago)?(?: old)?", _age),
    (rf"(?P<sign>)(?P<ago>)(?:the )?(?:past|previous)(?P<number>) {UNIT}", _age),
]
