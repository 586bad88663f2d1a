from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import ValidationError
from django.db.models import CharField, ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html

from smscenter.accounts.models import User
from smscenter.accounts.owned_admin import HistoryAdmin
from smscenter.support.models import (
    Evidence,
    Feedback,
    Mail,
    ReceivedMail,
    SavedReply,
    SupportRequest,
    SupportRequestEvent,
    Whitelisting,
)
from smscenter.support.models.details import DETAILS, QUESTION
from smscenter.support.models.history import record
from smscenter.support.models.states import MoveError, State
from smscenter.support.requests.moves import move
from smscenter.support.requests.whitelistings import change_expiry, revoke
from smscenter.support.review.actions import assign
from smscenter.support.review.forms import SavedReplyForm


class NoteForm(ActionForm):
    """Add a note to the requester to an action."""

    note = forms.CharField(required=False, label="Note to the requester:")


class SentOnly(admin.ModelAdmin[Any]):
    """Hide drafts that were never submitted from everyone but administrators."""

    # The field with the time the request was submitted.
    sent = "request__submitted"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        is_administrator = isinstance(request.user, User) and request.user.is_superuser
        return rows if is_administrator else rows.filter(**{f"{self.sent}__isnull": False})


class NoRewriting(admin.ModelAdmin[Any]):
    """Prevent adding and deleting rows: only the application does that."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Refusable(admin.ModelAdmin[Any]):
    """Undo the whole change if a row refuses it: nothing is saved, logged, or called a success."""

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().change_view(request, object_id, form_url, extra_context)
        except MoveError as error:
            self.message_user(request, f"{error} Nothing was saved.", messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


class ReadOnlyInline(admin.TabularInline[Any, SupportRequest]):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EventInline(ReadOnlyInline):
    model = SupportRequestEvent
    fields = readonly_fields = ("created", "kind", "internal", "old", "new", "user", "note")
    verbose_name_plural = "history"


class EvidenceInline(ReadOnlyInline):
    model = Evidence
    fields = readonly_fields = ("opened", "content_type", "size", "sha256", "uploaded_by")

    @admin.display(description="file")
    def opened(self, evidence: Evidence) -> str:
        return _link(evidence)


def _link(evidence: Evidence) -> str:
    """Return a link to the view that checks permissions. Files have no other address."""
    return format_html('<a href="{}">{}</a>', evidence.get_absolute_url(), evidence.name)


@admin.register(SupportRequest)
class SupportRequestAdmin(Refusable, SentOnly, NoRewriting):
    """Show what the requester wrote as read-only. The state only changes through actions."""

    sent = "submitted"
    action_form = NoteForm
    # The form sends the values it showed, so that only changed fields are saved.
    formfield_overrides = {kind: {"show_hidden_initial": True} for kind in (CharField, ForeignKey)}
    actions = ["ask_for_more", "send_to_carrier", "whitelist", "answer", "refuse"]
    list_display = ["id", "organization", "kind", "state", "sender", "assignee", "created"]
    list_filter = ["state", "kind", "organization", "assignee"]
    list_select_related = ["organization", "sender", "assignee"]
    search_fields = [
        "website",
        "examples",
        "subject",
        "body",
        "sender__phone",
        "organization__name",
        "carrier_ticket",
    ]
    date_hierarchy = "created"
    readonly_fields = [
        "organization",
        "kind",
        "state",
        "created_by",
        "sender",
        *QUESTION,
        *(detail.name for detail in DETAILS),
        "attached_texts",
        "decision",
        "decided_by",
        "decided",
        "submitted",
        "first_answered",
        "created",
    ]
    inlines = [EvidenceInline, EventInline]

    def save_model(
        self, request: HttpRequest, obj: SupportRequest, form: Any, change: bool
    ) -> None:
        """Save only changed fields, because the requester may be editing at the same time.

        Assignments are recorded in the history.
        """
        assert isinstance(request.user, User)  # noqa: S101 # for the type checker
        if "carrier_ticket" in form.changed_data:
            obj.save(update_fields=["carrier_ticket", "updated"])
            note = f"Carrier ticket: {obj.carrier_ticket or 'none'}."
            record(obj, SupportRequestEvent.Kind.NOTE, request.user, note, internal=True)
        if "assignee" in form.changed_data:
            # Compare with the assignee on the page, so nobody else's change is overwritten.
            shown = form.data.get(form["assignee"].html_initial_name, "")
            obj.assignee_id = int(shown) if shown.isdecimal() else None
            assign(obj, form.cleaned_data["assignee"], request.user)

    @admin.display(description="texts")
    def attached_texts(self, support_request: SupportRequest) -> str:
        lines = [
            f"{message.pk}: {message.text}{f' ({message.why.label})' if message.failed else ''}"
            for message in support_request.messages.order_by("-created")
        ]
        return "\n".join(lines)

    @admin.action(description="Request more information (note required)", permissions=["change"])
    def ask_for_more(self, request: HttpRequest, chosen: QuerySet[SupportRequest]) -> None:
        self._move(request, chosen, State.MORE_INFORMATION)

    @admin.action(description="Mark as sent to the carrier", permissions=["change"])
    def send_to_carrier(self, request: HttpRequest, chosen: QuerySet[SupportRequest]) -> None:
        self._move(request, chosen, State.SENT_TO_CARRIER)

    @admin.action(description="Mark as whitelisted", permissions=["change"])
    def whitelist(self, request: HttpRequest, chosen: QuerySet[SupportRequest]) -> None:
        self._move(request, chosen, State.WHITELISTED)

    @admin.action(description="Send answer (note required)", permissions=["change"])
    def answer(self, request: HttpRequest, chosen: QuerySet[SupportRequest]) -> None:
        self._move(request, chosen, State.ANSWERED)

    @admin.action(description="Refuse (note required)", permissions=["change"])
    def refuse(self, request: HttpRequest, chosen: QuerySet[SupportRequest]) -> None:
        self._move(request, chosen, State.REFUSED)

    def _move(self, request: HttpRequest, chosen: QuerySet[SupportRequest], to: State) -> None:
        assert isinstance(request.user, User)  # noqa: S101 # for the type checker
        for support_request in chosen.select_related("sender").order_by("pk"):
            try:
                move(support_request, to, request.user, request.POST.get("note", ""))
            except MoveError as error:
                self.message_user(request, f"{support_request}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{support_request}: {to.label}.", messages.SUCCESS)


class WhitelistingForm(forms.ModelForm[Whitelisting]):
    def clean_expires(self) -> datetime | None:
        # The model's constraint isn't checked here, because `granted` isn't in the form.
        expires: datetime | None = self.cleaned_data["expires"]
        if expires is not None and expires <= self.instance.granted:
            raise ValidationError("Choose an expiration date after the grant date.")
        return expires


@admin.register(Whitelisting)
class WhitelistingAdmin(Refusable, NoRewriting):
    """Whitelistings are only revoked by the action, with a reason that the requester gets."""

    action_form = NoteForm
    form = WhitelistingForm
    actions = ["revoke"]
    list_display = ["sender", "carrier", "organization", "granted", "expires", "revoked"]
    list_filter = ["carrier", "organization"]
    list_select_related = ["sender", "organization"]
    search_fields = ["sender__phone", "organization__name"]
    readonly_fields = [
        "organization",
        "sender",
        "carrier",
        "request",
        "granted",
        "revoked",
        "revoked_by",
        "revocation",
    ]

    def save_model(self, request: HttpRequest, obj: Whitelisting, form: Any, change: bool) -> None:
        """Save a changed expiry, and record it in the history of the request."""
        assert isinstance(request.user, User)  # noqa: S101 # for the type checker
        if "expires" in form.changed_data:
            change_expiry(obj, obj.expires, request.user)

    @admin.action(description="Revoke (note required)", permissions=["change"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Whitelisting]) -> None:
        assert isinstance(request.user, User)  # noqa: S101 # for the type checker
        for whitelisting in chosen.select_related("sender", "request__created_by").order_by("pk"):
            try:
                revoke(whitelisting, request.user, request.POST.get("note", ""))
            except MoveError as error:
                self.message_user(request, f"{whitelisting}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{whitelisting}: revoked.", messages.SUCCESS)


@admin.register(SupportRequestEvent)
class SupportRequestEventAdmin(SentOnly, HistoryAdmin[SupportRequestEvent]):
    """Search the history of all requests: who did what, and when."""

    list_display = ["created", "request", "organization", "kind", "old", "new", "user", "internal"]
    list_filter = ["kind", "internal", "new", "organization"]
    list_select_related = ["request", "organization", "user"]
    search_fields = ["note", "user__username", "organization__name"]
    date_hierarchy = "created"


@admin.register(Evidence)
class EvidenceAdmin(SentOnly, HistoryAdmin[Evidence]):
    list_display = ["name", "request", "organization", "content_type", "size", "uploaded_by"]
    list_filter = ["content_type", "organization"]
    list_select_related = ["request", "organization", "uploaded_by"]
    search_fields = ["name", "sha256", "organization__name"]
    exclude = ["file"]
    readonly_fields = ["opened"]

    @admin.display(description="file")
    def opened(self, evidence: Evidence) -> str:
        return _link(evidence)


@admin.register(Mail)
class MailAdmin(SentOnly, HistoryAdmin[Mail]):
    """See the mails about requests, and whether they were sent."""

    list_display = ["created", "to", "subject", "state", "tries", "sent", "organization"]
    list_filter = ["state", "organization"]
    list_select_related = ["organization"]
    search_fields = ["to", "subject"]
    date_hierarchy = "created"


@admin.register(ReceivedMail)
class ReceivedMailAdmin(SentOnly, HistoryAdmin[ReceivedMail]):
    """See which replies by email were added to their request, and which weren't."""

    list_display = ["received", "request", "user", "outcome", "organization"]
    list_filter = ["outcome", "organization"]
    list_select_related = ["request", "user", "organization"]
    search_fields = ["user__username", "user__email", "organization__name"]
    date_hierarchy = "received"


@admin.register(SavedReply)
class SavedReplyAdmin(admin.ModelAdmin[SavedReply]):
    """Support staff write these on their own page."""

    form = SavedReplyForm
    list_display = ["name", "text"]
    search_fields = ["name", "text"]


@admin.register(Feedback)
class FeedbackAdmin(HistoryAdmin[Feedback]):
    """See feedback, with counts per article in the filter."""

    list_display = ["created", "article", "helpful", "comment", "user"]
    list_filter = ["helpful", "article"]
    list_select_related = ["user"]
    search_fields = ["comment", "article"]
    show_facets = admin.ShowFacets.ALWAYS
