"""Register what leads shows on its own page, and its search fields."""

from leads.models import DeletedNote, Note
from leads.page import ActivityKind, activities
from leads.vocabulary import leads
from search.words.vocabulary import vocabularies
from smscenter.accounts.destinations import Destination, destinations

vocabularies.register(leads)
destinations.register(Destination("lead_list", "Leads", "users", key="l", place=30))
destinations.register(Destination("lead_new", "New lead", "plus"))
destinations.register(Destination("saved_view_list", "Saved views", "funnel", key="v"))

activities.register(
    ActivityKind(
        name="note",
        rows=lambda lead: Note.objects.filter(lead=lead).for_timeline(),
        template="leads/_note.html",
        version=lambda note: note.updated.isoformat(),
        author=lambda note: note.user_id,
    )
)
activities.register(
    ActivityKind(
        name="deleted-note",
        rows=lambda lead: DeletedNote.objects.filter(lead=lead).select_related(
            "author", "deleted_by"
        ),
        template="leads/_deleted_note.html",
        author=lambda note: note.deleted_by_id,
    )
)
