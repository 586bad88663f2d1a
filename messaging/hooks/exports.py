"""The columns that texts add to exported leads, and the tables in the export of everything."""

from django.db.models import QuerySet

from leads.exports import exported_columns
from messaging.diagnosis.rows.exported_columns import OF_LEADS
from messaging.models import (
    Alert,
    AlertSettings,
    Attempt,
    BulkItem,
    BulkSend,
    Consent,
    MediaFile,
    MessageTemplate,
    OptOut,
    PhoneVerification,
    Recipient,
    SenderNumber,
    SmsMessage,
    TextCount,
    Thread,
    UnmatchedText,
    WeeklySummary,
)
from smscenter.accounts.models import Organization
from smscenter.exports.tables import Table, tables


def _counts_of_days(organization: Organization) -> QuerySet[TextCount]:
    """Return the counts of days. Those of months add them up."""
    return TextCount.objects.filter(organization=organization, span=TextCount.Span.DAY)


for column in OF_LEADS:
    exported_columns.register(column)
for name, model in {
    "sender_numbers": SenderNumber,
    "messages": SmsMessage,
    "message_attempts": Attempt,
    "message_files": MediaFile,
    "unknown_number_texts": UnmatchedText,
    "templates": MessageTemplate,
    "bulk_sends": BulkSend,
    "bulk_items": BulkItem,
    "inbox_threads": Thread,
    "alerts": Alert,
    "weekly_summaries": WeeklySummary,
    "recipients": Recipient,
    "opt_outs": OptOut,
    "consent": Consent,
}.items():
    tables.register(Table(name, model))
tables.register(
    Table(
        "verified_phones",
        PhoneVerification,
        columns=("id", "user_id", "phone", "verified"),
        rows=lambda organization: PhoneVerification.objects.visible_in(organization.pk).verified(),
    )
)
tables.register(Table("text_counts", TextCount, rows=_counts_of_days))
tables.register(
    Table(
        "alert_settings",
        AlertSettings,
        rows=lambda own: AlertSettings.objects.filter(organization=own),
    )
)
