"""What a row of the list of leads shows: `templates/leads/_row.html`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from smscenter.accounts.models import name_of, shown_name
from smscenter.accounts.templatetags.people import avatar
from smscenter.rendering.row_urls import row_url
from smscenter.templatetags import moments
from smscenter.templatetags.wording import shorten

# What is read of each lead, also for what other apps show (leads/rows/list_marks.py).
COLUMNS = (
    "id",
    "organization_id",
    "name",
    "owner_id",
    "created",
    "sms_count",
    "failed_sms_count",
    "latest_sms_status",
    "latest_sms_id",
    "last_activity_at",
    "status__label",
    "status__color",
    *name_of("owner"),
)
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
    """A lead in a list that shows these columns, with what other apps found about it.

    `trail` is what its link adds to the URL.
    """

    lead: Any  # with COLUMNS
    shown: frozenset[str]
    is_selectable: bool
    details: Mapping[str, Mapping[int, Any]]
    mark: str
    trail: str

    @property
    def last_text(self) -> Any:
        return self.details["last_text"].get(self.lead.id)

    @property
    def kind(self) -> LeadKind:
        lead, last = self.lead, self.last_text
        return LeadKind(
            shown=self.shown,
            is_selectable=self.is_selectable,
            is_assigned=lead.owner_id is not None,
            has_failed=bool(lead.failed_sms_count),
            last_text=last.direction if last else "",
            latest_status=lead.latest_sms_status,
            mark=self.mark,
            has_reason=bool(last and last.failure),
        )

    @property
    def pk(self) -> int:
        return int(self.lead.id)

    @property
    def name(self) -> str:
        return str(self.lead.name)

    @property
    def url(self) -> str:
        return f"{row_url('lead_detail', self.lead.id)}{self.trail}"

    @property
    def latest_url(self) -> str:
        """Return the URL of the latest outgoing text, on the lead's page."""
        return f"{self.url}#message-{self.lead.latest_sms_id}"

    @property
    def edit_url(self) -> str:
        return row_url("lead_edit", self.lead.id)

    @property
    def avatar(self) -> str:
        return avatar(self.owner)

    @property
    def preview(self) -> str:
        return shorten(self.last_text.summary, LONGEST_PREVIEW)

    @property
    def reason(self) -> str:
        return str(self.last_text.failure.label)

    @property
    def meaning(self) -> str:
        """Return what the reason means."""
        return str(self.last_text.failure.advice.meaning)

    @property
    def failed(self) -> int:
        return int(self.lead.failed_sms_count)

    @property
    def texts(self) -> int:
        return int(self.lead.sms_count)

    @property
    def status(self) -> str:
        return str(self.lead.status__label)

    @property
    def color(self) -> str:
        return str(self.lead.status__color)

    @property
    def owner(self) -> str:
        lead = self.lead
        if lead.owner_id is None:
            return "Unassigned"
        return shown_name(lead.owner__username, lead.owner__first_name, lead.owner__last_name)

    @property
    def created(self) -> str:
        return moments.brief(self.lead.created)

    @property
    def activity(self) -> str:
        return moments.brief(self.lead.last_activity_at)
