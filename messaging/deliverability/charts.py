"""The shapes of charts, in a box of 100 by 100 that the page stretches.

Words are next to a chart, not in it, so that they stay readable. Each chart has a table with the
same numbers and links, which is what keyboards and screen readers use.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from messaging.deliverability import links
from messaging.deliverability.links import Links
from messaging.deliverability.periods import Period
from messaging.deliverability.report import Line
from messaging.deliverability.tallies import Tally
from smscenter import moments

# The share of a bar's room that the bar takes.
WIDTH = 0.76
# With fewer texts than this, a failure rate says little.
FEW = 10


@dataclass(frozen=True)
class Bar:
    """A rectangle. Its numbers are written for SVG, whatever the reader's language is."""

    kind: str
    x: str
    y: str
    width: str
    height: str
    title: str
    url: str


@dataclass(frozen=True)
class Chart:
    bars: list[Bar]
    top: str
    labels: list[str]


@dataclass(frozen=True)
class Part:
    """A part of a stacked bar: how high it is, what it's about, and the texts that it counts."""

    kind: str
    size: float
    title: str
    url: str


def volume(buckets: Sequence[tuple[Period, Tally]], to: Links) -> Chart:
    """Return bars of sent texts with the failed ones on top."""
    columns = []
    for bucket, tally in buckets:
        when = name_of(bucket)
        sent, failed = f"{when}: {tally.sent:,} sent", f"{when}: {tally.failed:,} failed"
        columns.append(
            [
                Part("sent", tally.sent, sent, to.to(links.SENT, period=bucket)),
                Part("failed", tally.failed, failed, to.to(links.FAILED, period=bucket)),
            ]
        )
    most = max((tally.outgoing for _, tally in buckets), default=0)
    return _chart(columns, most, f"{most:,}", _ends(buckets))


def received(buckets: Sequence[tuple[Period, Tally]], to: Links) -> Chart:
    columns = [
        [
            Part(
                "received",
                tally.received,
                f"{name_of(bucket)}: {tally.received:,} received",
                to.to(links.RECEIVED, period=bucket),
            )
        ]
        for bucket, tally in buckets
    ]
    most = max((tally.received for _, tally in buckets), default=0)
    return _chart(columns, most, f"{most:,}", _ends(buckets))


def by_hour(lines: Sequence[Line]) -> Chart:
    """Return bars of failure rates. Those of few texts say little, so they don't set the scale."""
    most = max((line.tally.rate for line in lines if line.tally.outgoing >= FEW), default=0.0)
    columns = [
        [
            Part(
                "failed" if line.tally.outgoing >= FEW else "few",
                min(line.tally.rate, most),
                f"{line.label}: {line.tally.failed:,} of {line.tally.outgoing:,} failed",
                line.failed_url,
            )
        ]
        for line in lines
    ]
    return _chart(columns, most, f"{100 * most:.1f}%", [lines[n].label for n in (0, 12, 23)])


def name_of(bucket: Period) -> str:
    return moments.calendar_days(bucket.first, bucket.last)


def _ends(buckets: Sequence[tuple[Period, Tally]]) -> list[str]:
    return [name_of(buckets[0][0]), name_of(buckets[-1][0])]


def _chart(columns: Iterable[list[Part]], most: float, top: str, labels: list[str]) -> Chart:
    stacks = list(columns)
    room = 100 / max(len(stacks), 1)
    bars = [
        bar
        for index, stack in enumerate(stacks)
        for bar in _stacked(stack, (index + (1 - WIDTH) / 2) * room, WIDTH * room, most)
    ]
    return Chart(bars, top, labels)


def _stacked(stack: list[Part], x: float, width: float, most: float) -> Iterable[Bar]:
    y = 100.0
    for part in stack:
        height = 100 * part.size / most if most else 0
        y -= height
        if part.size:
            left, top, wide, high = (f"{number:.3f}" for number in (x, y, width, height))
            yield Bar(part.kind, left, top, wide, high, part.title, part.url)


def row(bucket: Period, tally: Tally, to: Links) -> Line:
    """Return the row of the table below the chart."""
    return Line(
        name_of(bucket),
        tally,
        Tally(),
        to.to(links.FAILED, period=bucket),
        to.to(links.SENT, period=bucket),
        received_url=to.to(links.RECEIVED, period=bucket),
    )
