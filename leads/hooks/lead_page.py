"""What leads show on their page, and what people do with many of them or undo."""

from leads.changing.deleting import undo_deletion
from leads.changing.merging import undo_merge
from leads.models import DeletedNote, LeadChange, Note
from leads.models.deleted import KEPT
from leads.models.merge import UNDO
from leads.page import ActivityKind, activities
from search.answering.list_actions import ListAction, list_actions
from smscenter.accounts.models import name_of
from smscenter.undo import Act, acts

activities.register(
    ActivityKind(
        name="note",
        rows=lambda lead: Note.objects.filter(lead=lead).for_timeline(),
        template="leads/_note.html",
        version=lambda note: note.updated.isoformat(),
        author=lambda note: note.user_id,
        may_exist=lambda lead: lead.note_count != 0,
        is_prepared=True,
    )
)
activities.register(
    ActivityKind(
        name="deleted-note",
        rows=lambda lead: DeletedNote.objects.filter(lead=lead).with_related(
            *name_of("author", "deleted_by")
        ),
        template="leads/_deleted_note.html",
        author=lambda note: note.deleted_by_id,
        is_prepared=True,
    )
)
activities.register(
    ActivityKind(
        name="change",
        rows=lambda lead: LeadChange.objects.filter(lead=lead).for_timeline(),
        template="leads/_change.html",
        author=lambda change: change.user_id,
        is_prepared=True,
    )
)
list_actions.register(ListAction("lead", "leads/_change_action.html", "lead_change"))

acts.register(Act("lead deletion", undo_deletion, lasts=KEPT))
acts.register(Act("merge", undo_merge, lasts=UNDO))
