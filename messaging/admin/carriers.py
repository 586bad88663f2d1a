"""Callbacks of carriers, and the code map."""

import json
from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html

from messaging import carriers
from messaging.carriers import breaker
from messaging.diagnosis import reclassifying, unclassified
from messaging.diagnosis.unclassified import Seen
from messaging.models import CarrierCode, CarrierEvent, CarrierHealth, CarrierPrice
from smscenter import moments
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


class CarrierCodeList(ChangeList):
    """With what's known of the unclassified codes on the page, read once for all of them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = [row for row in self.result_list if not row.known]
        seen = unclassified.seen(rows)
        for row in rows:
            row.seen = seen[row.pk]


@admin.register(CarrierCode)
class CarrierCodeAdmin(LargeTableAdmin[CarrierCode]):
    """Number each change, show who made it, and keep it across releases.

    Texts that failed with a code follow its reason. Staff can undo the last change.
    """

    list_display = [
        "code",
        "carrier",
        "title",
        "reason",
        "retry",
        "known",
        "texts",
        "first_seen",
        "last_seen",
        "version",
        "changed_by",
    ]
    list_filter = [UnreadFilter, "carrier", "reason", "retry"]
    list_select_related = ["changed_by"]
    ordering = ["known", "carrier", "code"]
    search_fields = ["=code", "title", "reason"]
    fields = [
        "carrier",
        "code",
        "examples",
        "title",
        "reason",
        "retry",
        "fix",
        "source",
        "changes",
        "known",
        "version",
        "changed_by",
        "changed",
    ]
    readonly_fields = ["known", "version", "changed_by", "changed", "examples", "changes"]
    actions = ["undo_change"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CarrierCodeList

    @admin.display(description="failed texts")
    def texts(self, row: CarrierCode) -> str:
        texts = _seen(row).texts
        return f"{texts:,}" if texts else ""

    @admin.display(description="first seen")
    def first_seen(self, row: CarrierCode) -> str:
        first = _seen(row).first
        return moments.spoken(first) if first else ""

    @admin.display(description="last seen")
    def last_seen(self, row: CarrierCode) -> str:
        last = _seen(row).last
        return moments.spoken(last) if last else ""

    @admin.display(description="latest failed texts")
    def examples(self, row: CarrierCode) -> str:
        found = unclassified.examples(row) if row.pk else []
        return render_to_string("messaging/admin/_code_examples.html", {"attempts": found})

    @admin.display(description="changed reasons")
    def changes(self, row: CarrierCode) -> str:
        found = row.reclassifications.select_related("by").order_by("-pk") if row.pk else []
        return render_to_string("messaging/admin/_code_changes.html", {"changes": found})

    @admin.action(description="Undo the last changed reason", permissions=["change"])
    def undo_change(self, request: HttpRequest, queryset: QuerySet[CarrierCode]) -> None:
        for row in queryset:
            try:
                change = reclassifying.undo(row, _user(request))
            except reclassifying.NotUndoableError:
                messages.warning(request, f"{row} has no change to undo.")
            else:
                label = change.get_new_reason_display()
                self.log_change(request, row, f"Undone. reason: → {change.new_reason}")
                messages.success(request, f"{row} is “{label}” again. Its texts will follow.")

    def get_readonly_fields(
        self, request: HttpRequest, obj: CarrierCode | None = None
    ) -> list[str]:
        return [*self.readonly_fields, *(["carrier", "code"] if obj else [])]

    def has_delete_permission(self, request: HttpRequest, obj: CarrierCode | None = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: CarrierCode, form: ModelForm[CarrierCode], change: Any
    ) -> None:
        old = CarrierCode.objects.filter(pk=obj.pk).first()
        # Saving without changes confirms the classification, too.
        obj.known = True
        obj.version += 1 if change else 0
        obj.changed_by = _user(request)
        super().save_model(request, obj, form, change)
        if old and reclassifying.record(old, obj, obj.changed_by):
            messages.info(request, "Texts that failed with this code will follow in a moment.")

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """`Version 3. reason: unknown → spam`"""
        if add:
            return super().construct_change_message(request, form, formsets, add)
        return f"Version {form.instance.version}. {'; '.join(_changes(form))}".strip()


def _seen(row: CarrierCode) -> Seen:
    """Return what the list read about this code: nothing if it's classified."""
    seen = getattr(row, "seen", None)
    return seen if isinstance(seen, Seen) else Seen()


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - admin pages are for users only
    return request.user


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
        "request_id",
    ]

    @admin.display(description="original data")
    def raw(self, event: CarrierEvent) -> str:
        return format_html("<pre>{}</pre>", json.dumps(event.payload, indent=2, ensure_ascii=False))


@admin.register(CarrierHealth)
class CarrierHealthAdmin(HistoryAdmin[CarrierHealth]):
    """Show which carriers are paused, and let administrators try again."""

    list_display = ["label", "pause", "since", "failures", "probe_at", "status", "words", "resumed"]
    list_filter = ["pause"]
    actions = ["try_now"]

    def has_try_now_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("messaging.change_carrierhealth")

    @admin.display(description="carrier", ordering="carrier")
    def label(self, health: CarrierHealth) -> str:
        return carriers.label(health.carrier)

    @admin.action(description="Try now", permissions=["try_now"])
    def try_now(self, request: HttpRequest, queryset: QuerySet[CarrierHealth]) -> None:
        paused = breaker.probe_now(queryset)
        if paused:
            self.message_user(
                request, "Each paused carrier gets one text now, to see if it responds."
            )
        else:
            self.message_user(request, "No selected carrier is paused.", messages.WARNING)


@admin.register(CarrierPrice)
class CarrierPriceAdmin(LargeTableAdmin[CarrierPrice]):
    """Prices of one's own contract. A price that someone changed outlives updates."""

    list_display = [
        "carrier",
        "outcome",
        "reason",
        "per_segment",
        "per_text",
        "as_of",
        "changed",
        "changed_by",
    ]
    list_filter = ["carrier", "outcome"]
    list_select_related = ["changed_by"]

    def save_model(
        self, request: HttpRequest, obj: CarrierPrice, form: ModelForm[CarrierPrice], change: Any
    ) -> None:
        obj.changed_by, obj.changed = _user(request), timezone.now()
        super().save_model(request, obj, form, change)
