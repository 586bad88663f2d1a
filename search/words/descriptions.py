"""Describe conditions and dates in English, for the interpretation of a query."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from search.words.dates import MOMENT, WEEKDAYS, Date, Span, shift

COMPARED = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}
MOST_LISTED = 20


Verb = Literal["has", "was", "is", "is now"]


@dataclass(frozen=True)
class Clause:
    """A clause about rows: has an SMS, was created today, is outgoing."""

    verb: Verb
    rest: str

    def after_plural(self) -> str:
        """Return it after a plural: leads `with an SMS`, `created today`, `that are outgoing`."""
        return {"has": "with ", "is": "that are "}.get(self.verb, "") + self.rest

    def negated_after_plural(self) -> str:
        opening = {"has": "without ", "is": "that aren't "}.get(self.verb, "not ")
        return opening + self.rest

    def after_that(self) -> str:
        """Return it after `that`: an SMS that `has status error`, `was created today`."""
        return f"{self.verb.split()[0]} {self.rest}"

    def negated_after_that(self) -> str:
        verb = {"has": "doesn't have", "was": "wasn't"}.get(self.verb, "isn't")
        return f"{verb} {self.rest}"


def join_words(values: Iterable[str], joint: str = "or") -> str:
    *most, last = values
    if not most:
        return last
    comma = "," if len(most) > 1 else ""
    return f"{', '.join(most)}{comma} {joint} {last}"


def join_some(values: Sequence[str], joint: str = "or") -> str:
    """Return all values, or the first ones and the number of the others."""
    rest = len(values) - MOST_LISTED
    listed = values if rest <= 1 else [*values[:MOST_LISTED], f"{rest:,} others"]
    return join_words(listed, joint)


def pluralize(number: str, nouns: str) -> str:
    """Return `1 contact` or `2 contacts`."""
    one = nouns.removesuffix("es") if nouns.endswith("sses") else nouns.removesuffix("s")
    return f"{number} {one if number == '1' else nouns}"


def describe_date(day: date | datetime) -> str:
    return f"{day:%b} {day.day}, {day.year}"


def describe_moment(moment: datetime) -> str:
    """Return `Nov 20, 2026, 4:55 PM`, or only the day at midnight.

    In an hour that the clock repeats, the time zone is added: `1:35 AM EST`.
    """
    if moment.hour == moment.minute == 0:
        return describe_date(moment)
    zone = f" {moment:%Z}" if _is_repeated(moment) else ""
    return f"{describe_date(moment)}, {_clock(moment)}{zone}"


def _clock(moment: datetime) -> str:
    return f"{moment.hour % 12 or 12}:{moment:%M %p}"


def _is_repeated(moment: datetime) -> bool:
    first, last = (moment.replace(fold=fold).utcoffset() for fold in (0, 1))
    return first is not None and last is not None and first > last


def _is_midnight(moment: datetime) -> bool:
    return moment.time().isoformat() == "00:00:00"


def _is_minute(start: datetime, end: datetime) -> bool:
    """Return whether a clock shows the same minute from start to end, even if twice."""
    if end.timestamp() - start.timestamp() <= 60:
        return True
    first, last = (moment.replace(tzinfo=None) for moment in (start, end))
    return start.fold != end.fold and last - first <= timedelta(minutes=1)


def describe_span(span: Span) -> str:
    """Return `since …`, `before …`, a day, or the first and the last day."""
    start, end = span.start, span.end
    if start and end:
        if _is_midnight(start) and _is_midnight(end):
            last = (end - timedelta(days=1)).date()
            return describe_date(start) + (
                "" if last == start.date() else f" to {describe_date(last)}"
            )
        if end.timestamp() - start.timestamp() <= 60:
            return describe_moment(start)
        if _is_minute(start, end):
            return f"{describe_date(start)}, {_clock(start)} (both times)"
        return f"{describe_moment(start)} to {describe_moment(end)}"
    if start:
        return f"since {describe_moment(start)}"
    return f"before {describe_moment(end)}" if end else "any time"


def describe_comparison(date: Date, operator: str) -> str:
    """Return `less than 3 days ago (since Nov 20, 2026, 4:55 PM)` or `before Nov 1, 2026`."""
    window = date.window(operator)
    if date.age is not None:
        return _describe_age(date, operator, window)
    if ".." in date.text:
        return _describe_range(window)
    if date.text[:1].isdigit():
        return _describe_absolute(date, operator)
    preposition = {"<": "before ", "<=": "until ", ">": "after ", ">=": "since "}.get(operator, "")
    span = describe_span(date if preposition else window)
    if date.text in WEEKDAYS:
        return f"{preposition or 'on '}{date.text.capitalize()} ({span})"
    return f"{preposition}{date.text} ({span})"


def _describe_age(date: Date, operator: str, window: Span) -> str:
    if operator not in COMPARED:
        return f"{date.text} ({describe_span(window)})"
    # The end is now, so it isn't mentioned.
    open_span = Span(window.start, None) if window.start else window
    return f"{COMPARED[operator]} {date.text} ({describe_span(open_span)})"


def _describe_range(span: Span) -> str:
    if span.start and span.end:
        return f"from {describe_moment(span.start)} to {describe_moment(_last(span.end))}"
    if span.start:
        return f"since {describe_moment(span.start)}"
    return f"until {describe_moment(_last(span.end))}" if span.end else "any time"


def _last(end: datetime) -> datetime:
    return end - timedelta(days=1) if _is_midnight(end) else shift(end, -MOMENT)


def _describe_absolute(date: Date, operator: str) -> str:
    start, end = date.start, date.end
    if start is None or end is None:
        return date.text
    compared = {
        "<": f"before {describe_moment(start)}",
        "<=": f"until {describe_moment(_last(end))}",
        ">": f"after {describe_moment(_last(end))}",
        ">=": f"since {describe_moment(start)}",
    }
    if operator in compared:
        return compared[operator]
    if len(date.text) <= len("2026-11"):
        return f"in {start:%B %Y}" if "-" in date.text else f"in {start.year}"
    return f"on {describe_span(date)}"
