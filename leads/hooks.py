"""Register what leads shows on its own page."""

from leads.models import DeletedNote, Note
from leads.page import ActivityKind, activities

activities.register(
    ActivityKind(
        name="note",
        rows=lambda lead: Note.objects.filter(lead=lead).for_timeline(),
        template="leads/_note.html",
        version=lambda note: note.updated.isoformat(),
    )
)
activities.register(
    ActivityKind(
        name="deleted-note",
        rows=lambda lead: DeletedNote.objects.filter(lead=lead).select_related(
            "author", "deleted_by"
        ),
        template="leads/_deleted_note.html",
    )
)
