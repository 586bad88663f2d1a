"""Register what leads shows on its own page, and its search fields."""

from leads import (
    audited,  # noqa: F401 - what the audit log records
    overview,
)
from leads.beginning import add_statuses, has_leads
from leads.changing import handover
from leads.changing.bulk_changes import work_on_all
from leads.changing.deleting import delete_old, undo_deletion
from leads.changing.merging import delete_merged, undo_merge
from leads.changing.removing import delete_removed
from leads.erasing import files, others, own  # noqa: F401 - what is erased
from leads.erasing.work import work_on_all as erase_all
from leads.imports import leads as imported_leads
from leads.imports import retention
from leads.imports import work as imports
from leads.imports.kinds import import_kinds
from leads.models import (
    Address,
    BulkChange,
    Contact,
    ContactEmail,
    ContactPhone,
    CustomField,
    DeletedNote,
    Erasure,
    ImportProblem,
    ImportRow,
    Lead,
    LeadChange,
    LeadImport,
    LeadMerge,
    LeadStatus,
    Note,
)
from leads.models.deleted import KEPT
from leads.models.merge import UNDO
from leads.page import ActivityKind, activities
from leads.permissions import ERASE_PEOPLE, MANAGE_FIELDS
from leads.vocabulary import leads
from search.answering.list_actions import ListAction, list_actions
from search.words.vocabulary import vocabularies
from smscenter.accounts.destinations import Destination, destinations, is_writing_member
from smscenter.accounts.first_steps import Action, FirstStep, first_steps
from smscenter.accounts.handovers import Handover, handovers
from smscenter.accounts.models import User, name_of
from smscenter.accounts.new_organizations import when_created
from smscenter.accounts.overview import panels as overview_panels
from smscenter.accounts.roles import RolePermission, role_permissions
from smscenter.accounts.settings_pages import SettingsPage, settings_pages
from smscenter.exports.tables import Table, tables
from smscenter.jobs import Job, jobs
from smscenter.retention import EVERY
from smscenter.undo import Act, acts

vocabularies.register(leads)
import_kinds.register(imported_leads.KIND)
destinations.register(Destination("lead_list", "Leads", "users", key="l", place=30))
destinations.register(Destination("lead_new", "New lead", "plus", is_for=is_writing_member))
destinations.register(
    Destination(
        "lead_import_list",
        "Import leads",
        "arrow-up-tray",
        is_for=lambda user: user.has_perm("leads.import_leads"),
    )
)
destinations.register(Destination("lead_deleted", "Recently deleted", "trash"))
destinations.register(Destination("saved_view_list", "Saved views", "funnel", key="v"))

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

jobs.register(Job(work_on_all, every=0.5))
jobs.register(Job(imports.work_on_all, every=0.5, is_slow=True))
jobs.register(Job(erase_all, every=0.5, is_slow=True))
jobs.register(Job(delete_old, every=EVERY))
jobs.register(Job(retention.delete_old, every=EVERY))
jobs.register(Job(delete_merged, every=EVERY))

handovers.register(Handover("lead", handover.count, handover.reassign))
for permission in (
    RolePermission("leads.import_leads", "import leads and opt-outs from files", User.Role.MANAGER),
    RolePermission("leads.change_leads", "add, change, merge, and delete leads", User.Role.REP),
    RolePermission("leads.export_leads", "export lists as CSV files", User.Role.REP),
    RolePermission(
        "leads.change_others_notes", "change and delete other people's notes", User.Role.MANAGER
    ),
    RolePermission(
        "leads.undo_others_changes", "undo other people's changes to leads", User.Role.MANAGER
    ),
    RolePermission(ERASE_PEOPLE, "erase a person's data on request", User.Role.MANAGER),
    RolePermission(MANAGE_FIELDS, "change lead statuses and custom fields", User.Role.MANAGER),
):
    role_permissions.register(permission)
jobs.register(Job(delete_removed, every=EVERY))

for page, label, description, icon in (
    ("status_list", "Lead statuses", "What stages a lead goes through.", "tag"),
    ("field_list", "Custom fields", "What you know about every lead.", "rectangle-stack"),
):
    settings_pages.register(
        SettingsPage(page, label, description, icon, place=50, permission=MANAGE_FIELDS)
    )
settings_pages.register(
    SettingsPage("saved_view_list", "Saved views", "Your searches, and shared ones.", "funnel", 70)
)
settings_pages.register(
    SettingsPage(
        "erasure_list",
        "Erasures",
        "Personal data that was erased on request.",
        "shield-exclamation",
        place=95,
        permission=ERASE_PEOPLE,
    )
)
when_created.register(add_statuses)
overview_panels.register(overview.PANEL)
first_steps.register(
    FirstStep(
        "leads",
        "Add your leads",
        "Import a file, or start with one lead.",
        place=20,
        is_done=has_leads,
        actions=lambda _user: [
            Action("Import leads", "lead_import_list"),
            Action("Add a lead", "lead_new"),
        ],
    )
)
for name, model in {
    "lead_statuses": LeadStatus,
    "custom_fields": CustomField,
    "leads": Lead,
    "contacts": Contact,
    "contact_phones": ContactPhone,
    "contact_emails": ContactEmail,
    "addresses": Address,
    "notes": Note,
    "deleted_notes": DeletedNote,
    "lead_changes": LeadChange,
    "bulk_changes": BulkChange,
    "imports": LeadImport,
    "import_rows": ImportRow,
    "import_problems": ImportProblem,
}.items():
    tables.register(Table(name, model))
MERGED = (
    "id",
    "lead_id",
    "source_id",
    "source_name",
    "user_id",
    "created",
    "undone",
    "undone_by_id",
)
tables.register(Table("lead_merges", LeadMerge, MERGED))
ERASED = ("id", "lead_number", "created_by_id", "created_by_name", "created", "finished", "counts")
tables.register(Table("erasures", Erasure, ERASED))
