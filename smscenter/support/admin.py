from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest

from smscenter.accounts.models import User
from smscenter.support.models import Request, RequestEvent, Whitelisting
from smscenter.support.models.request import DETAILS
from smscenter.support.states import MoveError, State


class NoteForm(ActionForm):
    """The note that goes with a move of the chosen requests."""

    note = forms.CharField(required=False, label="Note to the requester:")


class NoRewriting(admin.ModelAdmin[Any]):
    """Rows come from the application and stay."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EventInline(admin.TabularInline[RequestEvent, Request]):
    model = RequestEvent
    fields = ("created", "old", "new", "user", "note")
    readonly_fields = fields
    extra = 0
    can_delete = False
    verbose_name_plural = "history"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Request)
class RequestAdmin(NoRewriting):
    """What the requester wrote is read-only, and the state changes by the actions only."""

    action_form = NoteForm
    actions = ["ask_for_more", "send_to_carrier", "whitelist", "refuse"]
    list_display = ["id", "organization", "kind", "state", "sender", "assignee", "created"]
    list_filter = ["state", "kind", "organization", "assignee"]
    list_select_related = ["organization", "sender", "assignee"]
    search_fields = ["website", "examples", "sender__phone", "organization__name", "carrier_ticket"]
    date_hierarchy = "created"
    readonly_fields = [
        "organization",
        "kind",
        "state",
        "created_by",
        "sender",
        *DETAILS,
        "failed_messages",
        "decision",
        "decided_by",
        "decided",
        "created",
    ]
    inlines = [EventInline]

    @admin.display(description="failed messages")
    def failed_messages(self, asked: Request) -> str:
        return "\n".join(
            f"{message.pk}: {message.text} ({message.why.label})"
            for message in asked.messages.order_by("-created")
        )

    @admin.action(description="Ask for more information (with a note)", permissions=["change"])
    def ask_for_more(self, request: HttpRequest, chosen: QuerySet[Request]) -> None:
        self._move(request, chosen, State.MORE_INFORMATION)

    @admin.action(description="Sent to the carrier", permissions=["change"])
    def send_to_carrier(self, request: HttpRequest, chosen: QuerySet[Request]) -> None:
        self._move(request, chosen, State.SENT_TO_CARRIER)

    @admin.action(description="Whitelisted by the carrier", permissions=["change"])
    def whitelist(self, request: HttpRequest, chosen: QuerySet[Request]) -> None:
        self._move(request, chosen, State.WHITELISTED)

    @admin.action(description="Refused (with a note)", permissions=["change"])
    def refuse(self, request: HttpRequest, chosen: QuerySet[Request]) -> None:
        self._move(request, chosen, State.REFUSED)

    def _move(self, request: HttpRequest, chosen: QuerySet[Request], to: State) -> None:
        assert isinstance(request.user, User)  # noqa: S101 # for the type checker
        for asked in chosen.select_related("sender").order_by("pk"):
            try:
                asked.move(to, request.user, request.POST.get("note", ""))
            except MoveError as error:
                self.message_user(request, f"{asked}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{asked}: {to.label}.", messages.SUCCESS)


@admin.register(Whitelisting)
class WhitelistingAdmin(NoRewriting):
    list_display = ["sender", "carrier", "organization", "granted", "expires", "revoked"]
    list_filter = ["carrier", "organization"]
    list_select_related = ["sender", "organization"]
    search_fields = ["sender__phone", "organization__name"]
    readonly_fields = ["organization", "sender", "carrier", "request", "granted"]
