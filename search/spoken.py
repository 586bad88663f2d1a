"""Dates and clauses as an English sentence says them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from search.dates import MOMENT, Date, Span

AGES = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}


Verb = Literal["has", "was", "is", "is now"]


@dataclass(frozen=True)
class Clause:
    """Something that is said of rows: has an SMS, was created today, is outgoing."""

    verb: Verb
    rest: str

    def of_many(self) -> str:
        """After a noun: leads `with an SMS`, `created today`, `that are outgoing`."""
        return {"has": "with ", "is": "that are "}.get(self.verb, "") + self.rest

    def not_of_many(self) -> str:
        opening = {"has": "without ", "is": "that are not "}.get(self.verb, "not ")
        return opening + self.rest

    def of_one(self) -> str:
        """After `that`: an SMS that `has status error`, `was created today`, `is outgoing`."""
        return f"{self.verb.split()[0]} {self.rest}"

    def not_of_one(self) -> str:
        verb = {"has": "does not have", "was": "was not"}.get(self.verb, "is not")
        return f"{verb} {self.rest}"


def one_of(values: Iterable[str]) -> str:
    *most, last = values
    return f"{', '.join(most)} or {last}" if most else last


def some_of(values: Sequence[str], most: int = 20) -> str:
    """All of them, if they are not too many to be read."""
    rest = len(values) - most
    return one_of(values) if rest <= 1 else one_of([*values[:most], f"{rest:,} others"])


def spoken_date(day: date | datetime) -> str:
    return f"{day:%b} {day.day}, {day.year}"


def spoken_moment(moment: datetime) -> str:
    """`Nov 20, 2026, 4:55 PM`, or the day alone where it begins."""
    if moment.hour == moment.minute == 0:
        return spoken_date(moment)
    return f"{spoken_date(moment)}, {moment.hour % 12 or 12}:{moment:%M %p}"


def _is_midnight(moment: datetime) -> bool:
    return moment.time().isoformat() == "00:00:00"


def spoken_window(span: Span) -> str:
    """`since …`, `before …`, a day, or the first and the last day."""
    start, end = span.start, span.end
    if start and end:
        if _is_midnight(start) and _is_midnight(end):
            last = (end - timedelta(days=1)).date()
            return spoken_date(start) + ("" if last == start.date() else f" to {spoken_date(last)}")
        if end.timestamp() - start.timestamp() <= 60:
            return spoken_moment(start)
        return f"{spoken_moment(start)} to {spoken_moment(end)}"
    if start:
        return f"since {spoken_moment(start)}"
    return f"before {spoken_moment(end)}" if end else "always"


def spoken_comparison(date: Date, operator: str) -> str:
    """`less than 3 days ago (since Nov 20, 2026, 4:55 PM)`, `before Nov 1, 2026`, `today (…)`."""
    window = date.window(operator)
    if date.age is not None:
        said = f"{AGES[operator]} {date.text}" if operator in AGES else date.text
        return f"{said} ({spoken_window(window)})"
    if ".." in date.text:
        return _spoken_range(window)
    if date.text[:1].isdigit():
        return _spoken_absolute(date, operator)
    said = {"<": "before ", "<=": "until ", ">": "after ", ">=": "since "}.get(operator, "")
    return f"{said}{date.text} ({spoken_window(date if said else window)})"


def _spoken_range(span: Span) -> str:
    if span.start and span.end:
        return f"from {spoken_moment(span.start)} to {spoken_moment(_last(span.end))}"
    if span.start:
        return f"since {spoken_moment(span.start)}"
    return f"until {spoken_moment(_last(span.end))}" if span.end else "always"


def _last(end: datetime) -> datetime:
    return end - timedelta(days=1) if _is_midnight(end) else end - MOMENT


def _spoken_absolute(date: Date, operator: str) -> str:
    start, end = date.start, date.end
    if start is None or end is None:
        return date.text
    compared = {
        "<": f"before {spoken_moment(start)}",
        "<=": f"until {spoken_moment(_last(end))}",
        ">": f"after {spoken_moment(_last(end))}",
        ">=": f"since {spoken_moment(start)}",
    }
    if operator in compared:
        return compared[operator]
    if len(date.text) <= len("2026-11"):
        return f"in {start:%B %Y}" if "-" in date.text else f"in {start.year}"
    return f"{'on' if _is_midnight(start) else 'at'} {spoken_window(date)}"
