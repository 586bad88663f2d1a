from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from messaging.deliverability.alerts import CHANGES_ALERTS
from messaging.models import AlertSettings
from smscenter.accounts.http import MemberRequest, member_required, require


class AlertSettingsForm(forms.ModelForm[AlertSettings]):
    class Meta:
        model = AlertSettings
        fields = [
            "enabled",
            "hours",
            "fewest",
            "reason_percent",
            "sender_percent",
            "carrier_percent",
            "waiting_minutes",
            "codes",
        ]


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def alert_settings(request: MemberRequest) -> HttpResponse:
    """Change when the organization gets alerts."""
    require(request, CHANGES_ALERTS)
    row = AlertSettings.of(request.organization)
    form = AlertSettingsForm(request.POST or None, instance=row)
    if form.is_valid():
        form.save()
        messages.success(request, "Alert settings saved.")
        return redirect("alert_settings")
    status = 422 if form.is_bound else 200
    return render(request, "messaging/alerts/settings.html", {"form": form}, status=status)
