from leads.models.contact import Address, Contact, ContactEmail, ContactPhone, e164_constraint
from leads.models.lead import Lead, LeadQuerySet
from leads.models.note import DeletedNote, Note
from leads.models.visit import LeadVisit
from leads.models.vocabulary import CustomField, LeadStatus

__all__ = [
    "Address",
    "Contact",
    "ContactEmail",
    "ContactPhone",
    "CustomField",
    "DeletedNote",
    "Lead",
    "LeadQuerySet",
    "LeadStatus",
    "LeadVisit",
    "Note",
    "e164_constraint",
]
