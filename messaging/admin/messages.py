"""Texts and their hand-overs: history, which only the application writes."""

from django.contrib import admin

from messaging.models import Attempt, MessageTemplate, SmsMessage
from smscenter.accounts.owned_admin import HistoryAdmin, OwnedAdmin


@admin.register(SmsMessage)
class SmsMessageAdmin(HistoryAdmin[SmsMessage]):
    list_display = [
        "created",
        "organization",
        "lead",
        "direction",
        "remote_phone",
        "status",
        "reason",
        "receipt",
    ]
    list_filter = ["direction", "status", "reason", "receipt", "organization"]
    list_select_related = ["organization", "lead"]
    search_fields = ["=remote_phone", "=attempts__carrier_id"]
    search_help_text = "A number in full (+14155550123), or a carrier's id."


@admin.register(Attempt)
class AttemptAdmin(HistoryAdmin[Attempt]):
    list_display = ["created", "organization", "message", "number", "carrier", "state", "code"]
    list_filter = ["state", "carrier", "reason", "organization"]
    list_select_related = ["organization", "message"]
    search_fields = ["=carrier_id", "=code", "=message__remote_phone"]


@admin.register(MessageTemplate)
class MessageTemplateAdmin(OwnedAdmin[MessageTemplate]):
    list_display = ["name", "organization", "owner"]
    list_filter = ["organization"]
    list_select_related = ["organization", "owner"]
    search_fields = ["name", "text"]
    autocomplete_fields = ["organization", "owner"]
