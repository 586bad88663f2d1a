"""Register what leads shows on its own page, and its search fields."""

from leads import (
    audited,  # noqa: F401 - what the audit log records
    handover,
)
from leads.bulk_changes import work_on_all
from leads.deleting import delete_old
from leads.merging import delete_merged
from leads.models import DeletedNote, LeadChange, Note
from leads.page import ActivityKind, activities
from leads.vocabulary import leads
from search.answering.list_actions import ListAction, list_actions
from search.words.vocabulary import vocabularies
from smscenter.accounts.destinations import Destination, destinations
from smscenter.accounts.handovers import Handover, handovers
from smscenter.accounts.models import User
from smscenter.accounts.roles import RolePermission, role_permissions
from smscenter.jobs import Job, jobs
from smscenter.retention import EVERY

vocabularies.register(leads)
destinations.register(Destination("lead_list", "Leads", "users", key="l", place=30))
destinations.register(Destination("lead_new", "New lead", "plus"))
destinations.register(Destination("lead_deleted", "Recently deleted", "trash"))
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
activities.register(
    ActivityKind(
        name="change",
        rows=lambda lead: LeadChange.objects.filter(lead=lead).for_timeline(),
        template="leads/_change.html",
        author=lambda change: change.user_id,
    )
)
list_actions.register(ListAction("lead", "leads/_change_action.html", "lead_change"))

jobs.register(Job(work_on_all, every=0.5))
jobs.register(Job(delete_old, every=EVERY))
jobs.register(Job(delete_merged, every=EVERY))

handovers.register(Handover("lead", handover.count, handover.reassign))
for permission in (
    RolePermission("leads.change_leads", "add, change, merge, and delete leads", User.Role.REP),
    RolePermission("leads.export_leads", "export lists as CSV files", User.Role.REP),
    RolePermission(
        "leads.change_others_notes", "change and delete notes of others", User.Role.MANAGER
    ),
    RolePermission(
        "leads.undo_others_changes", "undo changes that others made to leads", User.Role.MANAGER
    ),
):
    role_permissions.register(permission)
