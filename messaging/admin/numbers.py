"""Sender numbers and recipients, with opt-outs and consent."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from leads.admin import PhoneForm
from messaging import carriers
from messaging.carriers.not_set_up import not_set_up
from messaging.composing.senders import sender_facts
from messaging.composing.senders.form import SenderForm
from messaging.models import Consent, OptOut, PhoneVerification, Recipient, SenderNumber
from smscenter.accounts.models import User
from smscenter.accounts.owned_admin import AppendOnlyAdmin, HistoryAdmin, OwnedAdmin, OwnedForm


class SenderNumberForm(SenderForm, OwnedForm):
    """The form for staff, with all that members can't change."""


SENDER_FIELDSETS: Any = [
    (None, {"fields": ["organization", "phone", "country", "label", "owner", "active"]}),
    ("Carrier", {"fields": ["carrier", "account", "messaging_service"]}),
    (
        "Registration",
        {
            "description": "What the carrier's console shows. Members see it next to the number.",
            "fields": ["registration", "registered", "registration_note"],
        },
    ),
    (
        "10DLC",
        {
            "description": "Carriers block texts from a local number until its brand and its "
            "campaign are approved.",
            "fields": ["brand_id", "brand_status", "campaign_id", "campaign_status"],
        },
    ),
    (
        "Toll-free verification or short code",
        {"fields": ["verification_id", "verification_status"]},
    ),
    (
        "Limits",
        {
            "description": "The limits that the carrier gave this number. Texts over a limit wait.",
            "fields": ["rate", "daily_cap"],
        },
    ),
]


class SenderNumberList(ChangeList):
    """With facts about the numbers on the page, read once for all of them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        known = sender_facts.facts_of(*{sender.organization_id for sender in self.result_list})
        for sender in self.result_list:
            sender.facts = known.get(sender.pk, [])


@admin.register(SenderNumber)
class SenderNumberAdmin(OwnedAdmin[SenderNumber]):
    form = SenderNumberForm
    list_display = [
        "phone",
        "kind",
        "label",
        "known",
        "organization",
        "carrier",
        "at_account",
        "owner",
        "registered",
        "trial",
        "active",
    ]
    list_filter = ["active", "trial", "registered", "registration", "carrier", "organization"]
    list_select_related = ["organization", "owner"]
    search_fields = ["phone", "label"]
    fieldsets = SENDER_FIELDSETS
    autocomplete_fields = ["organization", "owner"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return SenderNumberList

    def get_readonly_fields(
        self, request: HttpRequest, obj: SenderNumber | None = None
    ) -> list[str]:
        # Old texts keep their sender number, which searches and counts rely on.
        return [*super().get_readonly_fields(request, obj), *(["phone", "known"] if obj else [])]

    def get_fieldsets(self, request: HttpRequest, obj: SenderNumber | None = None) -> Any:
        shown = super().get_fieldsets(request, obj)
        return shown if obj is None else [*shown, ("Whitelisting", {"fields": ["known"]})]

    def save_model(
        self, request: HttpRequest, obj: SenderNumber, form: ModelForm[SenderNumber], change: Any
    ) -> None:
        if "daily_cap" in form.changed_data:
            # It may be waiting for the next day under the old limit.
            obj.next_send_at = None
        super().save_model(request, obj, form, change)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        for found in not_set_up():
            messages.warning(request, str(found))
        return super().changelist_view(request, extra_context)

    @admin.display(description="account", ordering="account")
    def at_account(self, sender: SenderNumber) -> str:
        is_set_up = carriers.is_configured(sender.carrier, sender.account)
        return f"{sender.account}{'' if is_set_up else ' (not set up)'}".strip()

    @admin.display(description="kind")
    def kind(self, sender: SenderNumber) -> str:
        return sender.kind_label

    @admin.display(description="facts")
    def known(self, sender: SenderNumber) -> str:
        facts = getattr(sender, "facts", None)
        if facts is None:
            facts = sender_facts.facts_of(sender.organization_id).get(sender.pk, [])
        if not facts:
            return self.get_empty_value_display()
        return render_to_string("messaging/_sender_facts.html", {"facts": facts})


@admin.register(PhoneVerification)
class PhoneVerificationAdmin(HistoryAdmin[PhoneVerification]):
    list_display = ["created", "organization", "user", "phone", "tries", "verified"]
    list_filter = [("verified", admin.EmptyFieldListFilter), "organization"]
    list_select_related = ["organization", "user"]
    search_fields = ["phone__exact", "user__username__exact"]
    search_help_text = "Full number, such as +14155550123, or username."


@admin.register(Recipient)
class RecipientAdmin(OwnedAdmin[Recipient]):
    """Staff can correct whether a number is textable, and it shows who did."""

    form = PhoneForm
    list_display = ["phone", "organization", "capability", "capability_at", "capability_by"]
    list_filter = ["capability", "organization"]
    list_select_related = ["organization", "capability_by"]
    search_fields = ["phone__exact"]
    search_help_text = "Full number, such as +14155550123."
    readonly_fields = ["capability_at", "capability_by", "evidence"]

    def get_readonly_fields(self, request: HttpRequest, obj: Recipient | None = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *(["phone"] if obj else [])]

    def has_delete_permission(self, request: HttpRequest, obj: Recipient | None = None) -> bool:
        # Deleting the row would delete its opt-outs.
        return False

    def save_model(
        self, request: HttpRequest, obj: Recipient, form: ModelForm[Recipient], change: Any
    ) -> None:
        if "capability" in form.changed_data:
            obj.capability_at, obj.capability_by = timezone.now(), _user(request)
        super().save_model(request, obj, form, change)


@admin.register(OptOut)
class OptOutAdmin(AppendOnlyAdmin[OptOut]):
    """Staff record opt-outs that people told them about. Only the person can end one."""

    form = OwnedForm
    list_display = ["recipient", "organization", "sender", "source", "certain", "created", "ended"]
    list_filter = ["source", "certain", ("ended", admin.EmptyFieldListFilter), "organization"]
    list_select_related = ["recipient", "organization", "sender"]
    search_fields = ["recipient__phone__exact"]
    search_help_text = "Full number, such as +14155550123."
    autocomplete_fields = ["recipient", "sender"]

    def get_fields(self, request: HttpRequest, obj: OptOut | None = None) -> Any:
        return super().get_fields(request, obj) if obj else ["recipient", "sender", "words"]

    def save_model(
        self, request: HttpRequest, obj: OptOut, form: ModelForm[OptOut], change: Any
    ) -> None:
        opt_out = OptOut.objects.record(
            obj.recipient.organization,
            obj.recipient.phone,
            source=OptOut.Source.STAFF,
            sender=obj.sender,
            words=obj.words,
        )
        obj.pk, obj.organization = opt_out.pk, opt_out.organization


@admin.register(Consent)
class ConsentAdmin(AppendOnlyAdmin[Consent]):
    """Consent is evidence: the database refuses changes. A newer record ends earlier opt-outs."""

    list_display = ["recipient", "organization", "method", "version", "given", "recorded_by_name"]
    list_filter = ["organization"]
    list_select_related = ["recipient", "organization"]
    search_fields = ["recipient__phone__exact", "method"]
    autocomplete_fields = ["recipient"]

    def get_fields(self, request: HttpRequest, obj: Consent | None = None) -> Any:
        given = ["recipient", "given", "method", "wording", "version", "place", "page"]
        known = ["organization", *given, "recorded", "recorded_by_name", "supersedes", "newer"]
        return known if obj else given

    @admin.display(description="newer record")
    def newer(self, consent: Consent) -> str:
        """Link to the record that supersedes this one, or to a form that adds one."""
        if newer := Consent.objects.filter(supersedes=consent).first():
            url = reverse("admin:messaging_consent_change", args=[newer.pk])
            return format_html('<a href="{}">{}</a>', url, newer)
        url = f"{reverse('admin:messaging_consent_add')}?recipient={consent.recipient_id}"
        return format_html('<a href="{}">Add a newer one</a>', url)

    def save_model(
        self, request: HttpRequest, obj: Consent, form: ModelForm[Consent], change: Any
    ) -> None:
        names = ["given", "method", "wording", "version", "place", "page"]
        consent = Consent.objects.record(
            obj.recipient.organization,
            obj.recipient.phone,
            recorded_by=_user(request),
            corrects=True,
            **{name: getattr(obj, name) for name in names},
        )
        obj.pk, obj.organization = consent.pk, consent.organization


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - admin pages are for users only
    return request.user
