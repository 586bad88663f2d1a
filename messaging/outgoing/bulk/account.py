"""What became of a bulk send: every item in exactly one bucket, with numbers that add up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from messaging.models import BulkSend
from messaging.models.bulk import LABELS, Bucket
from messaging.models.message import RECEIPT_WINDOW
from messaging.outgoing.bulk import room
from smscenter import moments

# How often pages look, in seconds: while much changes, and while carriers may report failures.
FAST, SLOW = 2, 10
SOON = timedelta(minutes=1)


@dataclass(frozen=True)
class Line:
    """A bucket, or a reason in it: how many items, and their segments."""

    key: str
    label: str
    number: int
    segments: int
    reasons: Sequence["Line"] = ()


@dataclass
class Account:
    bulk: BulkSend
    lines: list[Line] = field(default_factory=list)

    @classmethod
    def of(cls, bulk: BulkSend) -> "Account":
        tally = bulk.items.tally()
        return cls(bulk, [line for bucket in Bucket if (line := _line(bucket, tally))])

    def number(self, *buckets: Bucket) -> int:
        return sum(line.number for line in self.lines if line.key in buckets)

    @property
    def total(self) -> int:
        """Return the sum of the lines, which is all there are once it's prepared."""
        return sum(line.number for line in self.lines)

    @property
    def to_send(self) -> int:
        """Return how many texts are to be made: before the start, all but those left out."""
        return self.number(Bucket.WAITING, Bucket.QUIET)

    @property
    def segments(self) -> int:
        keys = {Bucket.WAITING, Bucket.QUIET}
        return sum(line.segments for line in self.lines if line.key in keys)

    @property
    def quiet(self) -> int:
        return self.number(Bucket.QUIET)

    @property
    def old(self) -> int:
        """Return how many texts were left out because they're old."""
        return self._of_reason(Bucket.LEFT_OUT, "old")

    @property
    def settled(self) -> int:
        return sum(line.number for line in self.lines if not Bucket(line.key).is_open)

    @property
    def percent(self) -> int:
        return self.settled * 100 // self.total if self.total else 0

    @property
    def minutes(self) -> int:
        """Return how long the rest takes at its pace, at least."""
        return -(-self.to_send * room.gap(self.bulk) // timedelta(minutes=1))

    @property
    def hours(self) -> int:
        return round(self.minutes / 60)

    @property
    def poll_seconds(self) -> int:
        """Return how soon to look again, or 0 if nothing is about to change."""
        bulk = self.bulk
        if bulk.state in BulkSend.IN_WORK:
            is_waiting = not self.number(Bucket.WAITING) and self.quiet
            return SLOW if is_waiting or bulk.held_until else FAST
        if not bulk.is_over:
            return SLOW if self.number(Bucket.IN_PROGRESS) else 0
        since = timezone.now() - (bulk.finished or bulk.created)
        if since < SOON:
            return FAST
        return SLOW if since < RECEIPT_WINDOW else 0

    @property
    def held(self) -> str:
        """Return why it isn't sending right now, as a sentence."""
        until = moments.upcoming(self.bulk.held_until) if self.bulk.held_until else "soon"
        match self.bulk.hold:
            case BulkSend.Hold.LIMIT:
                return (
                    "Bulk sends have used their share of your organization's hourly limit. "
                    f"Sending continues {until}. Single texts aren't affected."
                )
            case BulkSend.Hold.DAILY_CAP:
                return (
                    "Bulk sends have used their share of the sender number's daily limit. "
                    f"Sending continues {until}. The rest is kept for single texts."
                )
            case BulkSend.Hold.SENDER:
                return "The sender number is turned off. Turn it on, then resume."
            case BulkSend.Hold.PERSON:
                return "The person who started this can't text anymore. Stop it, then start over."
            case _:
                return ""

    def _of_reason(self, bucket: Bucket, reason: str) -> int:
        lines = [line for line in self.lines if line.key == bucket]
        return sum(part.number for line in lines for part in line.reasons if part.key == reason)


def _line(bucket: Bucket, tally: Sequence[tuple[str, str, int, int]]) -> Line | None:
    rows = [row for row in tally if row[0] == bucket]
    if not rows:
        return None
    reasons = [Line(why, LABELS.get(why, ""), number, parts) for _, why, number, parts in rows]
    reasons.sort(key=lambda line: (-line.number, line.label))
    return Line(
        bucket.value,
        str(bucket.label),
        sum(line.number for line in reasons),
        sum(line.segments for line in reasons),
        [line for line in reasons if line.key],
    )
