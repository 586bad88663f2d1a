"""The tables of leads in the export of everything."""

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
from smscenter.exports.tables import Table, tables

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
