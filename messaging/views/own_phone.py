"""The page on which members verify their own phone, to which trial texts can be sent."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from leads import phones
from leads.phones import Phone
from messaging.composing import trial
from messaging.models import PhoneVerification
from messaging.models.permissions import SEND_TEXTS
from messaging.outgoing import trying, verifying
from messaging.outgoing.outbox import Refused
from smscenter.accounts.http import MemberRequest, member_required

texters_only = permission_required(SEND_TEXTS, raise_exception=True)
WRONG = "Wrong code. Check the newest text, or send a new code."
OVER = "This code no longer works. Send a new one."


class PhoneForm(forms.Form):
    phone = forms.CharField(
        label="Mobile phone",
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text="We'll text you a code.",
    )

    def clean_phone(self) -> Phone:
        try:
            return phones.parse(self.cleaned_data["phone"])
        except phones.PhoneNumberError as error:
            raise forms.ValidationError(str(error)) from error


class CodeForm(forms.Form):
    code = forms.CharField(
        max_length=12,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}
        ),
    )


@member_required
@texters_only
@require_http_methods(["GET", "HEAD", "POST"])
def own_phone(request: MemberRequest) -> HttpResponse:
    form = PhoneForm(request.POST or None)
    if trial.is_on(request.organization) and form.is_valid():
        try:
            verifying.send_code(request.user, request.organization, form.cleaned_data["phone"])
        except Refused as refused:
            form.add_error("phone", refused.verdicts[0].message)
        else:
            return redirect("own_phone")
    return _show(request, form=form)


@member_required
@texters_only
@require_POST
@sensitive_post_parameters("code")
def own_phone_code(request: MemberRequest) -> HttpResponse:
    """Verify the phone, and open a lead to which the member can send a first text."""
    form = CodeForm(request.POST)
    if form.is_valid():
        if verifying.confirm(request.user, form.cleaned_data["code"]):
            messages.success(request, "Phone verified. Send it your first text.")
            return redirect(verifying.own_lead(request.user) or "own_phone")
        latest = PhoneVerification.objects.latest_of(request.user)
        if latest is None or not latest.is_open():
            messages.error(request, OVER)
            return redirect("own_phone")
        form.add_error("code", WRONG)
    return _show(request, code=form)


@member_required
@texters_only
@require_POST
def own_phone_remove(request: MemberRequest) -> HttpResponse:
    verifying.remove(request.user)
    messages.success(request, "Phone removed.")
    return redirect("own_phone")


@member_required
@texters_only
@require_POST
def own_phone_text(request: MemberRequest) -> HttpResponse:
    """Open the lead with the member's own phone."""
    return redirect(verifying.own_lead(request.user) or "own_phone")


def _show(
    request: MemberRequest, form: PhoneForm | None = None, code: CodeForm | None = None
) -> HttpResponse:
    latest = PhoneVerification.objects.latest_of(request.user)
    is_on = trial.is_on(request.organization)
    sent = latest if latest and latest.is_open() else None
    context = {
        "form": form or PhoneForm(),
        "code": code or CodeForm(),
        "sent": sent,
        "lead": trying.lead_of(request.user) if sent else None,
        "verified": verifying.verified_phone(request.user),
        "has_trial": settings.TRIAL_SENDER is not None,
        "trial": trial.trial_of(request.organization) if is_on else None,
    }
    bound = code or form
    status = 422 if bound and bound.errors else 200
    return render(request, "messaging/own_phone.html", context, status=status)
