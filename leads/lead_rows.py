"""What a row of the list of leads shows: `templates/leads/_row.html`."""

from dataclasses import dataclass
from typing import NamedTuple

from leads.models import Lead
from smscenter.accounts.templatetags.people import avatar
from smscenter.templatetags import moments
from smscenter.templatetags.wording import shorten

LONGEST_PREVIEW = 120


class LeadKind(NamedTuple):
    """What the HTML of a row depends on. `mark` is a template, instead of the latest status."""

    shown: frozenset[str]
    is_selectable: bool
    is_assigned: bool
    has_failed: bool
    last_text: str
    latest_status: str
    mark: str
    has_reason: bool


@dataclass(frozen=True)
class LeadRow:
    """A lead that `leads/list_marks.py` marked, in a list with these columns."""

    lead: Lead
    shown: frozenset[str] = frozenset()
    is_selectable: bool = False

    @property
    def kind(self) -> LeadKind:
        lead, last = self.lead, self.lead.last_text
        return LeadKind(
            shown=self.shown,
            is_selectable=self.is_selectable,
            is_assigned=lead.owner_id is not None,
            has_failed=bool(lead.failed_sms_count),
            last_text=last.direction if last else "",
            latest_status=lead.latest_sms_status,
            mark=lead.latest_sms_mark,
            has_reason=bool(last and last.failure),
        )

    @property
    def pk(self) -> int:
        return self.lead.pk

    @property
    def name(self) -> str:
        return self.lead.name

    @property
    def url(self) -> str:
        return f"{self.lead.get_absolute_url()}{self.lead.trail}"

    @property
    def latest_url(self) -> str:
        """Return the URL of the latest outgoing text, on the lead's page."""
        return f"{self.url}#message-{self.lead.latest_sms_id}"

    @property
    def edit_url(self) -> str:
        return self.lead.edit_url

    @property
    def avatar(self) -> str:
        return avatar(self.lead.owner)

    @property
    def preview(self) -> str:
        return shorten(self.lead.last_text.summary, LONGEST_PREVIEW)

    @property
    def reason(self) -> str:
        return str(self.lead.last_text.failure.label)

    @property
    def meaning(self) -> str:
        """Return what the reason means."""
        return str(self.lead.last_text.failure.advice.meaning)

    @property
    def failed(self) -> int:
        return self.lead.failed_sms_count

    @property
    def texts(self) -> int:
        return self.lead.sms_count

    @property
    def status(self) -> str:
        return self.lead.status.label

    @property
    def color(self) -> str:
        return self.lead.status.color

    @property
    def owner(self) -> str:
        return str(self.lead.owner) if self.lead.owner else "Unassigned"

    @property
    def created(self) -> str:
        return moments.brief(self.lead.created)

    @property
    def activity(self) -> str:
        return moments.brief(self.lead.last_activity_at)
