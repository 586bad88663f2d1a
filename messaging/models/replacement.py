"""The text that was sent instead of a failed one."""

from dataclasses import dataclass

from leads.phones import Phone
from messaging.models.reason import Reason


@dataclass(frozen=True)
class Replacement:
    """A text that was sent instead of a failed one, as the label of the failed one shows it.

    `label` is that of its status.
    """

    id: int
    remote_phone: str
    status: str
    reason: str
    label: str

    @property
    def number(self) -> Phone:
        return Phone(self.remote_phone)

    @property
    def outcome(self) -> str:
        """Return `sent`, `sending`, or `error: Landline`."""
        words = self.label.lower()
        return f"{words}: {Reason(self.reason).label}" if self.status == "error" else words
