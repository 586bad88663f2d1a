"""Compare writing texts to the same without triggers (benchmarks/writing.py), in large tables."""

from django.db import connection, transaction

from benchmarks import writing
from leads.models import Contact, Lead, LeadNumber, LeadStatus, LeadWords
from messaging.models import ChangedQuarter, SenderNumber, SmsMessage, Thread
from smscenter.accounts.models import Organization, User

MODELS = (
    ChangedQuarter,
    Thread,
    SmsMessage,
    LeadNumber,
    LeadWords,
    Contact,
    Lead,
    SenderNumber,
    LeadStatus,
    User,
)


def run() -> bool:
    """Return whether all limits are met. Afterwards, nothing of it is left."""
    _forget()
    try:
        return writing.run()
    finally:
        _forget()


def _forget() -> None:
    """Delete the organization of the benchmark, without triggers."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for organization in Organization.objects.filter(slug="writing"):
            for model in MODELS:
                model._default_manager.filter(organization=organization)._raw_delete("default")
            numbers = "DELETE FROM messaging_textednumber WHERE organization_id = %s"
            cursor.execute(numbers, [organization.pk])
            Organization.objects.filter(pk=organization.pk)._raw_delete("default")
