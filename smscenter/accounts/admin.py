from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from smscenter import moments
from smscenter.accounts import mails
from smscenter.accounts.members import invitations
from smscenter.accounts.models import Invitation, Organization, User
from smscenter.accounts.owned_admin import LargeTableAdmin
from smscenter.accounts.pages.overview import panels_for


@admin.register(Organization)
class OrganizationAdmin(admin.ModelAdmin[Organization]):
    list_display = ["name", "overview", "slug", "time_zone", "deletes_at"]
    list_filter = [("deletion_requested", admin.EmptyFieldListFilter)]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.overview_view)
        name = "accounts_organization_overview"
        return [path("<int:pk>/overview/", view, name=name), *super().get_urls()]

    @admin.display(description="overview")
    def overview(self, organization: Organization) -> str:
        url = reverse("admin:accounts_organization_overview", args=[organization.pk])
        return format_html('<a href="{}">Overview</a>', url)

    @admin.display(description="deleted on", ordering="deletion_requested")
    def deletes_at(self, organization: Organization) -> str:
        """Return when it's deleted, and who asked for it."""
        if organization.deletes_at is None:
            return ""
        return f"{moments.exact(organization.deletes_at)}, {organization.deletion_requested_by}"

    def overview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show members, numbers, carriers, requests, and running jobs on one page."""
        organization = get_object_or_404(Organization, pk=pk)
        if not self.has_view_permission(request, organization):
            raise PermissionDenied
        assert isinstance(request.user, User)  # noqa: S101 - for the type checker
        context = {
            **self.admin_site.each_context(request),
            "title": str(organization),
            "opts": self.opts,
            "original": organization,
            "shown": panels_for(request.user, organization),
        }
        return TemplateResponse(request, "admin/accounts/organization/overview.html", context)


class InvitationForm(forms.ModelForm[Invitation]):
    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email, removed=None).exists():
            raise forms.ValidationError("There's already an account with this email.")
        if mails.gets_too_many(invitations.MAIL, email):
            raise forms.ValidationError(invitations.TOO_MANY)
        return email


@admin.register(Invitation)
class InvitationAdmin(LargeTableAdmin[Invitation]):
    """Invite people to any organization. Their link is mailed, and works once."""

    form = InvitationForm
    list_display = ["email", "organization", "role", "sent", "accepted", "withdrawn"]
    list_filter = ["role", "organization"]
    list_select_related = ["organization"]
    search_fields = ["email"]
    autocomplete_fields = ["organization"]
    fields = ["organization", "email", "role", "invited_by", "sent", "accepted", "withdrawn"]
    readonly_fields = ["invited_by", "sent", "accepted", "withdrawn"]
    actions = ["send_again"]

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Invitation, form: forms.ModelForm[Invitation], change: Any
    ) -> None:
        assert isinstance(request.user, User)  # noqa: S101 - for the type checker
        invitations.send(obj, request.user)

    @admin.action(description="Send a new link", permissions=["change"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Invitation]) -> None:
        assert isinstance(request.user, User)  # noqa: S101 - for the type checker
        sent = 0
        for row in chosen.filter(accepted=None, withdrawn=None).select_related("organization"):
            sent += invitations.send(row, request.user)
        messages.success(request, f"Sent {sent} new link{'' if sent == 1 else 's'}.")


@admin.register(User)
class MemberAdmin(UserAdmin[User]):
    list_display = ["username", "first_name", "last_name", "organization", "role", "is_staff"]
    list_filter = ["role", "is_staff", "is_active", "organization"]
    list_select_related = ["organization"]
    autocomplete_fields = ["organization"]
    fieldsets = [
        *(UserAdmin.fieldsets or ()),
        ("SMS Center", {"fields": ["organization", "role", "time_zone"]}),
    ]
    add_fieldsets = [
        *UserAdmin.add_fieldsets,
        ("SMS Center", {"fields": ["organization", "role", "is_staff"]}),
    ]
