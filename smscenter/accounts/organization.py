"""The settings page of the organization itself."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from smscenter.accounts.http import MemberRequest, member_required
from smscenter.accounts.models import Organization
from smscenter.accounts.roles import MANAGE_ORGANIZATION
from smscenter.accounts.time_zones import time_zones
from smscenter.accounts.widgets import TimeZoneSelect


class OrganizationForm(forms.ModelForm[Organization]):
    class Meta:
        model = Organization
        fields = ["name", "time_zone", "support_can_view_as"]
        help_texts = {"name": "Your leads see it in automatic replies."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"] = forms.ChoiceField(
            choices=time_zones(),
            widget=TimeZoneSelect,
            help_text="For everyone who doesn't choose their own.",
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
