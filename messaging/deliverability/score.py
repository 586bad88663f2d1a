"""A score from 0 to 100, and the parts that it's made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from messaging.deliverability.money import AVOIDABLE
from messaging.deliverability.tallies import Tally
from messaging.models.reason import Reason

# Of fewer texts, a single failure would make the score poor.
FEWEST = 30


@dataclass(frozen=True)
class Part:
    """A part of the score: full points at a share of 0, and none at `worst` or more."""

    label: str
    help: str
    most: int
    share: float
    worst: float

    @property
    def points(self) -> int:
        return round(self.most * max(0.0, 1 - self.share / self.worst))

    @property
    def percent(self) -> float:
        return 100 * self.share

    @property
    def worst_percent(self) -> int:
        return round(100 * self.worst)


@dataclass(frozen=True)
class Score:
    parts: list[Part]

    @property
    def points(self) -> int:
        return sum(part.points for part in self.parts)

    @property
    def word(self) -> str:
        if self.points >= 90:
            return "Excellent"
        if self.points >= 75:
            return "Good"
        return "Fair" if self.points >= 50 else "Poor"

    @property
    def tone(self) -> str:
        return "good" if self.points >= 75 else "warning" if self.points >= 50 else "error"


def score_of(total: Tally, reasons: Mapping[str, Tally]) -> Score | None:
    """Return the score, or None with few outgoing texts."""
    if total.outgoing < FEWEST:
        return None

    def share(*chosen: Reason) -> float:
        return sum(reasons[r].failed for r in chosen if r in reasons) / total.outgoing

    blocked = share(Reason.SPAM, Reason.FRAUD_BLOCK, Reason.RECIPIENT_BLOCKED)
    return Score(
        [
            Part("Delivery", "Texts that failed, for any reason", 50, total.rate, 0.20),
            Part(
                "Avoidable failures",
                "Landlines, people who opted out, and unregistered sender numbers",
                25,
                share(*AVOIDABLE),
                0.05,
            ),
            Part(
                "Reputation", "Texts blocked as spam, as fraud, or by recipients", 25, blocked, 0.03
            ),
        ]
    )
