"""The settings page of the organization itself."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from smscenter.accounts.http import MemberRequest, member_required
from smscenter.accounts.members.settings_page import confirmed
from smscenter.accounts.models import Organization
from smscenter.accounts.organizations import deletion as organization_deletion
from smscenter.accounts.roles import DELETE_ORGANIZATION, MANAGE_ORGANIZATION
from smscenter.accounts.time_zones import time_zones
from smscenter.accounts.widgets import LongSelect

IDLE_MINUTES = {15: "15 minutes", 30: "30 minutes", 60: "1 hour", 240: "4 hours", 480: "8 hours"}
AFTER_HOURS = {8: "8 hours", 24: "1 day", 72: "3 days", 168: "7 days"}


class SessionLimitField(forms.TypedChoiceField):
    """A choice of limits that are shorter than the installation's."""

    def __init__(self, limits: dict[int, str], longest: int, label: str, help_text: str) -> None:
        shorter = [(n, name) for n, name in limits.items() if not longest or n < longest]
        super().__init__(
            choices=[("", "SMS Center's limit"), *shorter],
            coerce=int,
            empty_value=None,
            required=False,
            label=label,
            help_text=help_text,
        )


class OrganizationForm(forms.ModelForm[Organization]):
    class Meta:
        model = Organization
        fields = [
            "name",
            "time_zone",
            "sign_out_idle_minutes",
            "sign_out_after_hours",
            "support_can_view_as",
        ]
        help_texts = {"name": "Your leads see it in automatic replies."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"] = forms.ChoiceField(
            choices=time_zones(),
            widget=LongSelect,
            help_text="For everyone who doesn't choose their own.",
        )
        self._offer_session_limits()

    def _offer_session_limits(self) -> None:
        self.fields["sign_out_idle_minutes"] = SessionLimitField(
            IDLE_MINUTES,
            settings.SIGN_OUT_IDLE_MINUTES,
            "Sign out when idle for",
            "Members sign in again after this long without activity.",
        )
        self.fields["sign_out_after_hours"] = SessionLimitField(
            AFTER_HOURS,
            settings.SIGN_OUT_AFTER_HOURS,
            "Sign out after",
            "Members sign in again after this long, even if they're active.",
        )


@member_required
@permission_required(MANAGE_ORGANIZATION, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def organization_settings(request: MemberRequest) -> HttpResponse:
    # A copy: an invalid form must not change the name in the navigation.
    organization = Organization.objects.get(pk=request.organization.pk)
    form = OrganizationForm(request.POST or None, instance=organization)
    if form.is_valid():
        form.save()
        messages.success(request, "Organization saved.")
        return redirect("organization_settings")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/settings/organization.html", {"form": form}, status=status)


owners_only = permission_required(DELETE_ORGANIZATION, raise_exception=True)


@member_required
@owners_only
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def organization_delete(request: MemberRequest) -> HttpResponse:
    """Say what a deletion means, and request it once the name was typed."""
    typed = request.POST.get("name", "").strip()
    if request.method == "POST" and typed == request.organization.name.strip():
        organization_deletion.request_deletion(request.organization, request.user)
        return redirect("organization_delete")
    context = {
        "organization": request.organization,
        "members": request.organization.members.filter(is_active=True).count(),
        "typed": typed,
        "is_wrong": request.method == "POST",
    }
    status = 422 if context["is_wrong"] else 200
    return render(request, "accounts/settings/delete.html", context, status=status)


@member_required
@owners_only
@require_POST
def organization_keep(request: MemberRequest) -> HttpResponse:
    if organization_deletion.keep(request.organization, request.user):
        messages.success(request, f"{request.organization} stays.")
    else:
        messages.error(request, "It's too late to keep it.")
    return redirect("organization_settings")
