"""Callbacks of carriers, and the code map."""

import json
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html

from messaging import carriers
from messaging.models import CarrierCode, CarrierEvent
from smscenter.accounts.models import User
from smscenter.accounts.owned_admin import HistoryAdmin, LargeTableAdmin


class UnreadFilter(admin.SimpleListFilter):
    title = "classification"
    parameter_name = "unread"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return [("yes", "Unclassified")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[CarrierCode]
    ) -> QuerySet[CarrierCode]:
        return queryset.filter(known=False) if self.value() else queryset


class CarrierFilter(admin.SimpleListFilter):
    """All carriers that ship. Finding those in use would read all rows."""

    title = "carrier"
    parameter_name = "carrier"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return [(key, carriers.label(key)) for key in carriers.REGISTRY]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(carrier=self.value()) if self.value() else queryset


@admin.register(CarrierCode)
class CarrierCodeAdmin(LargeTableAdmin[CarrierCode]):
    """Number each change, show who made it, and keep it across releases."""

    list_display = ["code", "carrier", "title", "reason", "retry", "known", "version", "changed_by"]
    list_filter = [UnreadFilter, "carrier", "reason", "retry"]
    list_select_related = ["changed_by"]
    ordering = ["known", "carrier", "code"]
    search_fields = ["=code", "title", "reason"]
    readonly_fields = ["known", "version", "changed_by", "changed"]

    def get_readonly_fields(
        self, request: HttpRequest, obj: CarrierCode | None = None
    ) -> list[str]:
        return [*self.readonly_fields, *(["carrier", "code"] if obj else [])]

    def has_delete_permission(self, request: HttpRequest, obj: CarrierCode | None = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: CarrierCode, form: ModelForm[CarrierCode], change: Any
    ) -> None:
        # Saving without changes confirms the classification, too.
        obj.known = True
        obj.version += 1 if change else 0
        assert isinstance(request.user, User)  # noqa: S101 - for the type checker
        obj.changed_by = request.user
        super().save_model(request, obj, form, change)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """`Version 3. reason: unknown → spam`"""
        if add:
            return super().construct_change_message(request, form, formsets, add)
        return f"Version {form.instance.version}. {'; '.join(_changes(form))}".strip()


def _changes(form: ModelForm[CarrierCode]) -> Iterator[str]:
    for name in form.changed_data:
        yield f"{name}: {form.initial.get(name, '')} → {form.cleaned_data[name]}"


@admin.register(CarrierEvent)
class CarrierEventAdmin(HistoryAdmin[CarrierEvent]):
    list_display = ["received", "carrier", "kind", "carrier_id", "outcome", "note"]
    list_filter = ["outcome", "kind", CarrierFilter]
    search_fields = ["carrier_id__exact", "event_id__exact"]
    search_help_text = "Carrier ID, in full."
    fields = [
        "received",
        "carrier",
        "kind",
        "event_id",
        "carrier_id",
        "attempt_key",
        "raw",
        "outcome",
        "note",
        "attempt",
        "message",
    ]

    @admin.display(description="original data")
    def raw(self, event: CarrierEvent) -> str:
        return format_html("<pre>{}</pre>", json.dumps(event.payload, indent=2, ensure_ascii=False))
