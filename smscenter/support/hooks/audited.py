"""What the audit log records of requests: decisions and assignments, but no notes or replies."""

from smscenter.audit.actions import Action, actions
from smscenter.audit.edits import record_edits
from smscenter.audit.objects import Audited
from smscenter.support.models import SavedReply, SupportRequest, SupportRequestEvent

Kind = SupportRequestEvent.Kind

actions.register(Action("request_changed", "Request changed", "changed {object}"))
actions.register(Action("whitelisting_changed", "Whitelisting changed", "changed {object}: {note}"))


def described(event: SupportRequestEvent) -> str:
    """Return the request and what happened to it. Notes may be for support staff only."""
    what = f"from {event.get_old_display()} to {event.get_new_display()}"
    return f"{event.request} {what if event.kind == Kind.MOVE else 'assignee'}"


record_edits(
    Audited(SupportRequest, "request", page="request_detail", is_named=True, actions=("", "", ""))
)
record_edits(
    Audited(
        SupportRequestEvent,
        "request",
        name=described,
        is_named=True,
        about=lambda event: event.request,
        actions=("request_changed", "", ""),
        skip=lambda event: event.kind not in {Kind.MOVE, Kind.ASSIGNMENT},
    )
)
record_edits(Audited(SavedReply, "saved reply", fields=("name", "text")))
