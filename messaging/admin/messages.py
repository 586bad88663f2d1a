"""Texts and their attempts: history, which only the application writes."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator

from leads.models import CustomField
from messaging.admin.carriers import CarrierFilter
from messaging.composing import templates
from messaging.models import Attempt, MessageTemplate, SmsMessage, Thread, UnmatchedText
from smscenter import moments
from smscenter.accounts.owned_admin import HistoryAdmin, OwnedAdmin, OwnedForm

ORGANIZATION = "organization__id__exact"
CHOOSE = "To search texts, choose an organization first."


@admin.register(SmsMessage)
class SmsMessageAdmin(HistoryAdmin[SmsMessage]):
    """Sort by time within an organization, and search its words there: both have an index."""

    list_display = [
        "created",
        "local_time",
        "organization",
        "lead",
        "direction",
        "remote_phone",
        "status",
        "reason",
        "receipt",
        "excerpt",
    ]
    list_filter = ["direction", "status", "reason", "receipt", "organization"]
    list_select_related = ["organization", "lead"]
    search_fields = ["remote_phone__exact"]
    search_help_text = "Full number, such as +14155550123, or words of an organization's texts."

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("-created", "-pk") if ORGANIZATION in request.GET else ("-pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SmsMessage], search_term: str
    ) -> tuple[QuerySet[SmsMessage], bool]:
        if not search_term or search_term.startswith("+"):
            return super().get_search_results(request, queryset, search_term)
        organization = request.GET.get(ORGANIZATION, "")
        if not organization.isdecimal():
            messages.warning(request, CHOOSE)
            return queryset.none(), False
        found = SmsMessage.objects.stored_in(int(organization)).filter(text__words=search_term)
        return queryset & found, False

    @admin.display(description="organization's time")
    def local_time(self, message: SmsMessage) -> str:
        with moments.reading_in(message.organization.zone, named=True):
            return moments.spoken(message.created)

    @admin.display(description="text")
    def excerpt(self, message: SmsMessage) -> str:
        return Truncator(message.text).chars(60)


@admin.register(Attempt)
class AttemptAdmin(HistoryAdmin[Attempt]):
    list_display = ["created", "organization", "message", "number", "carrier", "state", "code"]
    list_filter = ["state", CarrierFilter, "reason", "organization"]
    list_select_related = ["organization", "message"]
    search_fields = ["carrier_id__exact", "code__exact"]
    search_help_text = "Carrier ID or code, in full."


@admin.register(UnmatchedText)
class UnmatchedTextAdmin(HistoryAdmin[UnmatchedText]):
    list_display = ["received", "organization", "remote", "sender", "text", "cause", "state"]
    list_filter = ["state", "cause", "organization"]
    list_select_related = ["organization", "sender"]
    search_fields = ["remote__exact"]
    search_help_text = "Full number, such as +14155550123, short code, or name."


@admin.register(Thread)
class ThreadAdmin(HistoryAdmin[Thread]):
    list_display = ["received", "organization", "lead", "remote", "state", "assignee", "due"]
    list_filter = ["state", "organization"]
    list_select_related = ["organization", "lead", "assignee"]
    search_fields = ["remote__exact"]
    search_help_text = "Full number, such as +14155550123, short code, or name."


class MessageTemplateForm(OwnedForm):
    class Meta:
        help_texts: ClassVar = {
            "text": "Placeholders: {{ contact.first_name|there }} (with a default), contact.name, "
            "user.first_name, user.name, organization.name, lead.name, and custom fields like "
            "{{ lead.Tags }}."
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        organization = cleaned.get("organization") or self.instance.organization
        try:
            fields = CustomField.objects.visible_in(organization.pk)
            templates.check(cleaned.get("text", ""), fields)
        except templates.TemplateError as error:
            self.add_error("text", str(error))
        return cleaned


@admin.register(MessageTemplate)
class MessageTemplateAdmin(OwnedAdmin[MessageTemplate]):
    form = MessageTemplateForm
    list_display = ["name", "organization", "owner", "archived"]
    list_filter = [("archived", admin.EmptyFieldListFilter), "organization"]
    list_select_related = ["organization", "owner"]
    search_fields = ["name", "text"]
    exclude = ["position"]
    autocomplete_fields = ["organization", "owner"]
