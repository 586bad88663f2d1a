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
        labels = {
            "enabled": "Alerts",
            "fewest": "Minimum failed texts",
            "reason_percent": "One reason (%)",
            "sender_percent": "One sender number (%)",
            "carrier_percent": "One carrier (%)",
            "waiting_minutes": "Waiting texts (minutes)",
            "codes": "Unclassified carrier codes",
        }
        help_texts = {
            "hours": "How many hours of texts to check.",
            "fewest": "No alert if fewer texts failed, whatever the rate.",
            "reason_percent": "Share of all texts that fail for the same reason.",
            "sender_percent": "Share of a number's texts that fail.",
            "carrier_percent": "Share of a carrier's texts that fail.",
            "waiting_minutes": "Alert when texts wait longer than this.",
        }


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
