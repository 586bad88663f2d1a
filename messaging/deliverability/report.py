"""Everything that the deliverability page shows about a period."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from messaging import carriers
from messaging.deliverability import links
from messaging.deliverability.chance import is_more_than_chance
from messaging.deliverability.counting import Counts, Filters, added
from messaging.deliverability.links import Links
from messaging.deliverability.money import AVOIDABLE, NOTHING, Prices
from messaging.deliverability.periods import Period
from messaging.deliverability.score import FEWEST, Score, score_of
from messaging.deliverability.tallies import By, Key, Tallies, Tally
from messaging.models import MessageTemplate, SenderNumber
from messaging.models.reason import Reason
from smscenter.accounts.models import Organization, User
from smscenter.templatetags.durations import span


@dataclass(frozen=True)
class Line:
    """A row of a table: the texts with one value, now and in the period before.

    `failed_url` lists exactly its failed texts, and `url` all its outgoing texts.
    """

    label: str
    tally: Tally
    before: Tally
    failed_url: str
    url: str = ""
    received_url: str = ""
    # None if none of its carriers has a price.
    cost: Decimal | None = NOTHING
    # Of all failed texts, for lines that only have failed ones.
    share: float = 0.0
    help_slug: str = ""

    @property
    def percent(self) -> float:
        return 100 * (self.share or self.tally.rate)

    @property
    def change(self) -> "Change":
        return Change(self.tally, self.before)


@dataclass(frozen=True)
class Change:
    """How a failure rate differs from the one before."""

    now: Tally
    before: Tally

    @property
    def points(self) -> float | None:
        """Return the difference in percentage points, or None without texts to compare with."""
        if not self.now.outgoing or not self.before.outgoing:
            return None
        return 100 * (self.now.rate - self.before.rate)

    @property
    def percent(self) -> float:
        return 100 * self.now.rate

    @property
    def is_worse(self) -> bool:
        return (self.points or 0) > 0

    @property
    def is_more_than_chance(self) -> bool:
        return is_more_than_chance(self.now, self.before)

    @property
    def tone(self) -> str:
        """Return the class that colors a change that's more than chance."""
        if not self.is_more_than_chance:
            return ""
        return "worse" if self.is_worse else "better"

    @property
    def sentence(self) -> str:
        """Return `up 1.2 points, could be chance`."""
        size = f"{abs(self.points or 0):.1f}"
        if size == "0.0":
            return "no change"
        verdict = "more than chance" if self.is_more_than_chance else "may be chance"
        return f"{'up' if self.is_worse else 'down'} {size} points, {verdict}"


@dataclass
class Report:
    """The numbers of a period. Each table is worked out when it's first shown."""

    organization: Organization
    period: Period
    filters: Filters
    reader: ZoneInfo
    compared: Period | None = None
    prices: Prices = field(default_factory=Prices)

    def __post_init__(self) -> None:
        self.counts = Counts(self.organization, self.filters)
        self.links = Links(self.organization, self.period, self.filters, self.reader)

    @cached_property
    def now(self) -> Tallies:
        return self.counts.tallies(self.period)

    @cached_property
    def before(self) -> Tallies:
        return self.counts.compared(self.compared) if self.compared else {}

    @cached_property
    def senders(self) -> dict[int, SenderNumber]:
        rows = SenderNumber.objects.filter(organization=self.organization)
        return {row.pk: row for row in rows}

    @cached_property
    def total(self) -> Tally:
        return added(tally for key, tally in self.now.items() if key.by == By.ALL)

    @cached_property
    def total_before(self) -> Tally:
        return added(tally for key, tally in self.before.items() if key.by == By.ALL)

    @property
    def change(self) -> Change:
        return Change(self.total, self.total_before)

    @property
    def outdated(self) -> int:
        """Return how many days are still to be counted again."""
        return len(self.counts.outdated(self.period))

    @property
    def urls(self) -> dict[str, str]:
        return {
            "sent": self.links.to(links.SENT),
            "failed": self.links.to(links.FAILED),
            "received": self.links.to(links.RECEIVED),
        }

    @cached_property
    def buckets(self) -> list[tuple[Period, Tally]]:
        return self.counts.by_bucket(self.period)

    fewest_for_score = FEWEST

    @cached_property
    def score(self) -> Score | None:
        return score_of(self.total, grouped(self.now, By.REASON, lambda key: key.value))

    @cached_property
    def reasons(self) -> list[Line]:
        before = grouped(self.before, By.REASON, lambda key: key.value)
        costs = self._costs(lambda key: key.value)
        failed = self.total.failed
        lines = [
            Line(
                Reason(reason).label,
                # The failure rate is of all texts, not of those with the reason.
                Tally(failed=tally.failed, sent=self.total.outgoing - tally.failed),
                _of_all(before.get(reason, Tally()), self.total_before),
                self.links.to(links.FAILED, f"reason:{reason}"),
                cost=costs.get(reason),
                share=tally.failed / failed,
                help_slug=Reason(reason).help_slug,
            )
            for reason, tally in grouped(self.now, By.REASON, lambda key: key.value).items()
        ]
        return sorted(lines, key=lambda line: -line.tally.failed)

    @cached_property
    def sender_lines(self) -> list[Line]:
        return self._lines(
            By.ALL,
            lambda key: key.sender,
            lambda pk: str(self.senders[pk]) if pk else "No sender number",
            lambda pk: links.sender_terms(self.senders[pk] if pk else None),
        )

    @cached_property
    def carriers(self) -> list[Line]:
        return self._lines(
            By.ALL,
            self.carrier_of,
            lambda key: carriers.label(key) if key else "No sender number",
            lambda key: [links.carrier_term(key)],
        )

    @cached_property
    def users(self) -> list[Line]:
        """Return who sent the texts. In a large organization, this takes longer than all else."""
        now = self.counts.by_user(self.period)
        before = self.counts.by_user(self.compared, [By.ALL]) if self.compared else {}
        people = User.objects.filter(organization=self.organization).in_bulk(
            {key.user for key in now if key.user}
        )
        return self._lines(
            By.ALL,
            lambda key: key.user,
            lambda pk: str(people[pk]) if pk else "Automatic replies",
            lambda pk: [links.user_term(people[pk] if pk else None)],
            (now, before),
        )

    @cached_property
    def templates(self) -> list[Line]:
        used = [key.value for key in self.now if key.by == By.TEMPLATE and key.value]
        names = MessageTemplate.objects.filter(organization=self.organization).in_bulk(used)
        return self._lines(
            By.TEMPLATE,
            lambda key: key.value,
            lambda pk: str(names[int(pk)]) if pk else "No template",
            lambda pk: [links.template_term(pk)],
        )

    @cached_property
    def hours(self) -> list[Line]:
        lines = {
            hour: Line(
                _clock(hour),
                self._value(self.now, By.HOUR, str(hour)),
                self._value(self.before, By.HOUR, str(hour)),
                self.links.to(links.FAILED, f"hour:{hour}"),
                self.links.to(links.OUTGOING, f"hour:{hour}"),
            )
            for hour in range(24)
        }
        return list(lines.values())

    @cached_property
    def encodings(self) -> list[Line]:
        return self._lines(
            By.ENCODING, lambda key: key.value, str, lambda value: [f"encoding:{value}"]
        )

    @property
    def extra_segments(self) -> int:
        return self._value(self.now, By.ENCODING, "UCS-2").extra_segments

    def carrier_of(self, key: Key) -> str:
        return self.senders[key.sender].carrier if key.sender in self.senders else ""

    # Money

    @cached_property
    def unpriced(self) -> list[str]:
        """Return the labels of the carriers whose prices nobody knows."""
        return sorted(carriers.label(key) for key in self._used if not self.prices.known(key))

    @property
    def has_prices(self) -> bool:
        """Return whether a carrier's prices are known, so that there are costs to show."""
        return any(map(self.prices.known, self._used))

    @cached_property
    def _used(self) -> set[str]:
        return {sender.carrier for sender in self.senders.values()} & {
            self.carrier_of(key) for key in self.now
        }

    @cached_property
    def failed_cost(self) -> Decimal:
        return sum(self._costs(lambda key: key.by).values(), NOTHING)

    @cached_property
    def avoidable(self) -> list[Line]:
        chosen = [Reason(reason).label for reason in AVOIDABLE]
        return [line for line in self.reasons if line.label in chosen]

    @property
    def avoidable_cost(self) -> Decimal:
        return sum((line.cost or NOTHING for line in self.avoidable), NOTHING)

    @cached_property
    def extra_cost(self) -> Decimal:
        """Return what characters cost that make texts longer, at the average segment's price."""
        segments = self.total.sent_segments
        price = sum(
            (
                self.prices.segments(self.carrier_of(key), tally.sent_segments)
                for key, tally in self.now.items()
                if key.by == By.ALL
            ),
            NOTHING,
        )
        return price * self.extra_segments / segments if segments else NOTHING

    @property
    def handled(self) -> Tally:
        return added(tally for key, tally in self.now.items() if key.by == By.REASON)

    @property
    def average_repair(self) -> str:
        """Return how long it took until someone handled a failed text."""
        handled = self.handled
        return span(timedelta(seconds=handled.handled_seconds / max(handled.handled, 1)))

    def _costs(
        self, group: Callable[[Key], Any], tallies: Tallies | None = None
    ) -> dict[Any, Decimal]:
        """Return what failed texts cost by a part of their keys, where a price is known."""
        costs: dict[Any, Decimal] = {}
        known = self._failed_costs if tallies is None else self._costs_of(tallies)
        for key, cost in known.items():
            costs[group(key)] = costs.get(group(key), NOTHING) + cost
        return costs

    @cached_property
    def _failed_costs(self) -> dict[Key, Decimal]:
        return self._costs_of(self.now)

    def _costs_of(self, tallies: Tallies) -> dict[Key, Decimal]:
        costs = {}
        for key, tally in tallies.items():
            carrier = self.carrier_of(key)
            # A text that no carrier got cost nothing.
            if key.by == By.REASON and (not carrier or self.prices.known(carrier)):
                costs[key] = self.prices.failed(carrier, key.value, tally)
        return costs

    def _lines(
        self,
        by: By,
        group: Callable[[Key], Any],
        label: Callable[[Any], str],
        terms: Callable[[Any], list[str]],
        sums: tuple[Tallies, Tallies] | None = None,
    ) -> list[Line]:
        """Return a line for each group with outgoing texts, those with most failed texts first."""
        now, before = (grouped(each, by, group) for each in sums or (self.now, self.before))
        costs = self._costs(group, sums and sums[0]) if by == By.ALL else {}
        lines = [
            Line(
                label(value),
                tally,
                before.get(value, Tally()),
                self.links.to(links.FAILED, *terms(value)),
                self.links.to(links.OUTGOING, *terms(value)),
                cost=costs.get(value, None if tally.failed else NOTHING),
            )
            for value, tally in now.items()
            if tally.outgoing
        ]
        return sorted(lines, key=lambda line: (-line.tally.failed, -line.tally.outgoing))

    @staticmethod
    def _value(tallies: Tallies, by: By, value: str) -> Tally:
        return tallies.get(Key(by, value, None, None), Tally())


def grouped(tallies: Tallies, by: By, group: Callable[[Key], Any]) -> dict[Any, Tally]:
    """Add up the tallies of one kind by a part of their keys."""
    sums: dict[Any, Tally] = {}
    for key, tally in tallies.items():
        if key.by == by:
            sums.setdefault(group(key), Tally()).add(tally)
    return sums


def _of_all(tally: Tally, total: Tally) -> Tally:
    return Tally(failed=tally.failed, sent=total.outgoing - tally.failed)


def _clock(hour: int) -> str:
    """Return `12 AM`, `1 PM`."""
    return f"{hour % 12 or 12} {'AM' if hour < 12 else 'PM'}"
