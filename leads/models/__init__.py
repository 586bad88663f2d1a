from leads.models.change import BulkChange, LeadChange
from leads.models.contact import Address, Contact, ContactEmail, ContactPhone, e164_constraint
from leads.models.deleted import DeletedLead
from leads.models.erasure import Erasure
from leads.models.imports import ImportKey, ImportProblem, ImportRow, LeadImport
from leads.models.lead import MANY_SMS, Lead, LeadQuerySet
from leads.models.merge import LeadMerge
from leads.models.note import DeletedNote, Note
from leads.models.numbers import LeadNumber
from leads.models.visit import LeadVisit
from leads.models.vocabulary import CustomField, LeadStatus
from leads.models.words import LeadWords

__all__ = [
    "MANY_SMS",
    "Address",
    "BulkChange",
    "Contact",
    "ContactEmail",
    "ContactPhone",
    "CustomField",
    "DeletedLead",
    "DeletedNote",
    "Erasure",
    "ImportKey",
    "ImportProblem",
    "ImportRow",
    "Lead",
    "LeadChange",
    "LeadImport",
    "LeadMerge",
    "LeadNumber",
    "LeadQuerySet",
    "LeadStatus",
    "LeadVisit",
    "LeadWords",
    "Note",
    "e164_constraint",
]
