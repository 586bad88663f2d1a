from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from leads import phones
from leads.models import (
    Address,
    Contact,
    ContactEmail,
    ContactPhone,
    CustomField,
    DeletedLead,
    DeletedNote,
    Lead,
    LeadChange,
    LeadStatus,
    Note,
)
from leads.models.lead import ROLLUPS
from smscenter.accounts.models import Owned, User
from smscenter.accounts.owned_admin import HistoryAdmin, LargeTableAdmin, OwnedAdmin, OwnedForm


class PhoneForm(OwnedForm):
    """A number in any format, stored in E.164."""

    def clean_phone(self) -> str:
        try:
            return phones.parse(self.cleaned_data["phone"]).e164
        except phones.PhoneNumberError as error:
            self.add_error("phone", str(error))
            return ""


class PartInline(admin.TabularInline[Any, Any]):
    """Rows of a lead or contact, which get its organization."""

    extra = 0
    exclude = ["organization"]


class PhoneInline(PartInline):
    model = ContactPhone
    form = PhoneForm


class EmailInline(PartInline):
    model = ContactEmail


class AddressInline(PartInline):
    model = Address


@admin.register(Lead)
class LeadAdmin(OwnedAdmin[Lead]):
    list_display = ["name", "organization", "status", "owner", "latest_sms_status", "created"]
    list_filter = ["latest_sms_status", "organization"]
    list_select_related = ["organization", "status", "owner"]
    search_fields = ["name"]
    autocomplete_fields = ["organization", "status", "owner"]
    exclude = ["created_by"]
    readonly_fields = sorted(ROLLUPS)
    inlines = [AddressInline]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:
        own_by(form.instance, formset)
        super().save_formset(request, form, formset, change)


@admin.register(Contact)
class ContactAdmin(LargeTableAdmin[Contact]):
    list_display = ["name", "title", "lead", "organization"]
    list_filter = ["organization"]
    list_select_related = ["lead", "organization"]
    search_fields = ["name", "phones__phone__exact", "=emails__email"]
    autocomplete_fields = ["lead"]
    exclude = ["organization"]
    inlines = [PhoneInline, EmailInline]

    def save_model(
        self, request: HttpRequest, obj: Contact, form: ModelForm[Contact], change: Any
    ) -> None:
        obj.organization_id = obj.lead.organization_id
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:
        own_by(form.instance, formset)
        super().save_formset(request, form, formset, change)


@admin.register(Note)
class NoteAdmin(LargeTableAdmin[Note]):
    """Record who edits or deletes a note, so that the lead page shows it."""

    list_display = ["__str__", "lead", "user", "organization", "created"]
    list_filter = ["organization"]
    list_select_related = ["lead", "user", "organization"]
    search_fields = ["text"]
    autocomplete_fields = ["lead"]
    exclude = ["organization"]
    readonly_fields = ["user", "edited", "edited_by"]

    def save_model(
        self, request: HttpRequest, obj: Note, form: ModelForm[Note], change: Any
    ) -> None:
        obj.organization_id = obj.lead.organization_id
        if not change:
            obj.user_id = request.user.pk
        elif "text" in form.changed_data:
            obj.edited, obj.edited_by = timezone.now(), cast("User", request.user)
        super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Note) -> None:
        obj.remove(cast("User", request.user))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Note]) -> None:
        for note in queryset:
            note.remove(cast("User", request.user))


@admin.register(DeletedNote)
class DeletedNoteAdmin(HistoryAdmin[DeletedNote]):
    list_display = ["created", "lead", "author", "written", "deleted_by", "organization"]
    list_filter = ["organization"]
    list_select_related = ["lead", "author", "deleted_by", "organization"]
    search_fields = ["lead__name"]


@admin.register(LeadChange)
class LeadChangeAdmin(HistoryAdmin[LeadChange]):
    list_display = ["created", "lead", "field", "old", "new", "user", "organization"]
    list_filter = ["field", "organization"]
    list_select_related = ["lead", "user", "organization"]
    search_fields = ["lead__name"]


@admin.register(DeletedLead)
class DeletedLeadAdmin(HistoryAdmin[DeletedLead]):
    list_display = ["created", "lead", "user", "merge", "organization"]
    list_filter = ["organization"]
    list_select_related = ["lead", "user", "merge__lead", "organization"]
    search_fields = ["lead__name"]


@admin.register(LeadStatus)
class LeadStatusAdmin(OwnedAdmin[LeadStatus]):
    list_display = ["label", "color", "organization", "position"]
    list_filter = ["organization"]
    search_fields = ["label", "organization__name"]


@admin.register(CustomField)
class CustomFieldAdmin(OwnedAdmin[CustomField]):
    list_display = ["name", "kind", "organization", "position"]
    list_filter = ["kind", "organization"]
    search_fields = ["name", "organization__name"]


def own_by(parent: Owned, formset: Any) -> None:
    for form in formset.forms:
        form.instance.organization_id = parent.organization_id
