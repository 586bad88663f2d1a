"""Notes on the lead page: its own activities take the way that other apps' take."""

from leads.models import Note
from leads.page import ActivityKind, register_activity

register_activity(
    ActivityKind(
        name="note",
        rows=lambda lead: Note.objects.filter(lead=lead).select_related("user"),
        template="leads/_note.html",
        version=lambda note: note.updated.isoformat(),
    )
)
