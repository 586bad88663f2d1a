"""Register notes as activities on the lead page, as other apps do."""

from django.db.models import QuerySet

from leads.models import DeletedNote, Lead, Note
from leads.page import ActivityKind, register_activity


def deleted_notes(lead: Lead) -> QuerySet[DeletedNote]:
    return DeletedNote.objects.filter(lead=lead).select_related("author", "deleted_by")


register_activity(
    ActivityKind(
        name="note",
        rows=lambda lead: Note.objects.filter(lead=lead).for_timeline(),
        template="leads/_note.html",
        version=lambda note: note.updated.isoformat(),
    )
)
register_activity(
    ActivityKind(name="deleted-note", rows=deleted_notes, template="leads/_deleted_note.html")
)
