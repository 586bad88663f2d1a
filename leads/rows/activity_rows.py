"""What an activity in the timeline shows: `templates/leads/_activity_row.html`."""

from dataclasses import dataclass
from typing import NamedTuple

from django.template import Context
from django.utils.safestring import SafeString

from leads.timeline import Activity
from smscenter import moments
from smscenter.rendering.row_templates import render_in, render_rows


class ActivityRowKind(NamedTuple):
    """What the HTML around an activity depends on."""

    name: str
    is_same_day: bool
    is_same_run: bool
    has_run: bool
    is_pending: bool
    ends_new: bool
    swap_out_of_band: bool
    focused: bool


@dataclass(frozen=True)
class ActivityRow:
    """An activity, and the context of the page that shows it."""

    activity: Activity
    context: Context

    @property
    def kind(self) -> ActivityRowKind:
        activity = self.activity
        return ActivityRowKind(
            name=activity.kind.name,
            is_same_day=activity.is_same_day,
            is_same_run=activity.is_same_run,
            has_run=bool(activity.run),
            is_pending=activity.is_pending,
            ends_new=activity.ends_new,
            swap_out_of_band=bool(self.context.get("swap_out_of_band")),
            focused=bool(self.context.get("focused")),
        )

    @property
    def html_id(self) -> str:
        return self.activity.html_id

    @property
    def day(self) -> str:
        return self.activity.day.isoformat()

    @property
    def run(self) -> str:
        return self.activity.run

    @property
    def version(self) -> str:
        return self.activity.version

    @property
    def heading(self) -> str:
        return moments.heading(self.activity.row.created)

    @property
    def body(self) -> SafeString:
        kind, row = self.activity.kind, self.activity.row
        if kind.prepare is not None:
            return render_rows(kind.template, [kind.prepare(row, self.context)])
        return render_in(self.context, kind.template, row=row)
