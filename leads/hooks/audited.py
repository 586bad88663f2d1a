"""What the audit log records of leads."""

from leads.models import (
    Address,
    BulkChange,
    Contact,
    ContactEmail,
    ContactPhone,
    CustomField,
    DeletedLead,
    DeletedNote,
    Lead,
    LeadMerge,
    LeadStatus,
    Note,
)
from smscenter.audit.actions import Action, actions
from smscenter.audit.edits import record_edits
from smscenter.audit.objects import Audited


def described(change: BulkChange) -> str:
    """Return what a change does: Change status, Qualified, 42 leads."""
    rows = f"{change.total:,} {change.get_model_display().lower()}"
    return ", ".join(filter(None, [change.get_kind_display(), change.label, rows]))


actions.register(Action("imported", "Imported", "imported {object}"))
actions.register(Action("merged", "Merged", "merged {object}"))
actions.register(Action("changed_many", "Bulk change", "made a bulk change: {object}"))

record_edits(
    Audited(
        Lead,
        "lead",
        fields=("name", "status", "owner", "url", "description", "custom"),
        page="lead_detail",
        is_named=True,
    )
)
record_edits(
    Audited(Contact, "contact", fields=("name", "title"), about=lambda contact: contact.lead)
)
record_edits(
    Audited(
        ContactPhone,
        "phone number",
        fields=("phone", "extension", "label"),
        about=lambda phone: phone.contact,
    )
)
record_edits(
    Audited(
        ContactEmail,
        "email address",
        fields=("email",),
        about=lambda email: email.contact,
    )
)
record_edits(
    Audited(
        Address,
        "address",
        fields=("street", "city", "state", "postal_code", "country"),
        about=lambda address: address.lead,
    )
)
# What notes say isn't stored a second time.
record_edits(
    Audited(
        Note,
        "a note",
        hidden=("text",),
        about=lambda note: note.lead,
        name=lambda _note: "",
        # A DeletedNote stays instead.
        actions=("added", "changed", ""),
    )
)
record_edits(
    Audited(
        DeletedNote,
        "a note",
        about=lambda note: note.lead,
        name=lambda _note: "",
        actions=("deleted", "", ""),
    )
)
record_edits(
    Audited(
        DeletedLead,
        "lead",
        is_named=True,
        about=lambda deleted: deleted.lead,
        actions=("deleted", "", "restored"),
        # Merges have records of their own.
        skip=lambda deleted: deleted.merge_id is not None,
    )
)
record_edits(
    Audited(
        LeadMerge,
        "merge",
        is_named=True,
        about=lambda merge: merge.lead,
        actions=("merged", "", ""),
    )
)
record_edits(
    Audited(
        BulkChange,
        "bulk change",
        is_named=True,
        name=described,
        actions=("changed_many", "", ""),
    )
)
record_edits(Audited(LeadStatus, "lead status", fields=("label", "color", "position")))
record_edits(Audited(CustomField, "custom field", fields=("name", "kind", "choices", "position")))
