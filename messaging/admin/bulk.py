"""Bulk sends and their items, which only the application writes."""

from django.contrib import admin

from messaging.models import BulkItem, BulkSend
from smscenter.accounts.owned_admin import HistoryAdmin


@admin.register(BulkSend)
class BulkSendAdmin(HistoryAdmin[BulkSend]):
    list_display = ["created", "organization", "kind", "state", "total", "created_by", "sender"]
    list_filter = ["kind", "state", "organization"]
    list_select_related = ["organization", "created_by", "sender"]
    exclude = ["selection"]


@admin.register(BulkItem)
class BulkItemAdmin(HistoryAdmin[BulkItem]):
    list_display = ["bulk", "position", "organization", "name", "phone", "state", "reason"]
    list_filter = ["state", "organization"]
    list_select_related = ["bulk", "organization"]
    search_fields = ["phone__exact"]
    search_help_text = "Full number, such as +14155550123."
