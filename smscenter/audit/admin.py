from django.contrib import admin

from smscenter.accounts.owned_admin import HistoryAdmin
from smscenter.audit.models import AuditRecord


@admin.register(AuditRecord)
class AuditRecordAdmin(HistoryAdmin[AuditRecord]):
    """Read the audit log of all organizations. /settings/audit/ has the search."""

    list_display = ["created", "summary", "organization_id", "address"]
    search_fields = ["actor_name", "request_id"]
