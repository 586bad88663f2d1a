"""Consent and opt-outs of one phone number."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leads import phones
from leads.models import ContactPhone
from messaging.composing.consent_form import ConsentForm
from messaging.models import Consent, OptOut, Recipient
from search.answering import csv_export
from smscenter.accounts.http import MemberRequest, member_required
from smscenter.audit.recording import record
from smscenter.database.streaming import stream

MOST_ROWS = 100

EXPORTED: csv_export.Columns[Consent] = {
    "id": lambda consent: consent.pk,
    "number": csv_export.phone(lambda consent: consent.recipient.phone),
    "agreed on": lambda consent: consent.given,
    "how": lambda consent: consent.method,
    "where": lambda consent: consent.place,
    "web page": lambda consent: consent.page,
    "wording": lambda consent: consent.wording,
    "version": lambda consent: consent.version,
    "recorded": lambda consent: consent.recorded,
    "recorded by": lambda consent: consent.recorded_by_name,
    "supersedes": lambda consent: consent.supersedes_id,
}


def known_number(
    view: Callable[[MemberRequest, str], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Pass the number in `?phone=` (E.164) to the view, if the organization knows it, else 404."""

    @wraps(view)
    def gate(request: MemberRequest) -> HttpResponseBase:
        try:
            phone = phones.parse(request.GET.get("phone", "")).e164
        except phones.PhoneNumberError as error:
            raise Http404 from error
        contacts = ContactPhone.objects.visible_to(request.user).filter(phone=phone)
        recipients = Recipient.objects.visible_to(request.user).filter(phone=phone)
        if not (contacts.exists() or recipients.exists()):
            raise Http404
        return view(request, phone)

    return member_required(gate)


@known_number
@require_http_methods(["GET", "HEAD", "POST"])
def consent_list(request: MemberRequest, phone: str) -> HttpResponse:
    """Show what is known about a number's consent, and record newer consent."""
    form = ConsentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.record(request.organization, phone, request.user)
        messages.success(request, "Consent recorded.")
        return redirect(address_of(phone))
    status = 422 if form.is_bound else 200
    return render(
        request, "messaging/consent_list.html", _page(request, phone, form), status=status
    )


@known_number
@require_POST
def opt_out_new(request: MemberRequest, phone: str) -> HttpResponse:
    """Record an opt-out that a person told someone about, for the whole organization."""
    OptOut.objects.record(
        request.organization,
        phone,
        source=OptOut.Source.STAFF,
        words=request.POST.get("words", "").strip(),
        decided_by=request.user,
    )
    messages.success(request, "Opted out. We won't send more texts to this number.")
    return redirect(address_of(phone))


@member_required
@require_safe
def consent_export(request: MemberRequest) -> StreamingHttpResponse:
    """Download the consent records of a number, or of the organization, with superseded ones."""
    rows = Consent.objects.visible_to(request.user).select_related("recipient").order_by("id")
    if phone := request.GET.get("phone", ""):
        rows = rows.filter(recipient__phone=phone)
    record("exported", name="consent records", note=phone)
    lines = csv_export.lines(stream(rows), EXPORTED, timezone.get_current_timezone())
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="consent.csv"'},
    )


def address_of(phone: str) -> str:
    return f"{reverse('consent_list')}?{urlencode({'phone': phone})}"


def _page(request: MemberRequest, phone: str, form: ConsentForm) -> dict[str, Any]:
    contacts = ContactPhone.objects.visible_to(request.user).filter(phone=phone)
    consents = Consent.objects.visible_to(request.user).filter(recipient__phone=phone)
    opt_outs = OptOut.objects.visible_to(request.user).filter(recipient__phone=phone)
    opt_outs = opt_outs.for_list().order_by("-created", "-id")
    return {
        "phone": phones.Phone(phone),
        "query": urlencode({"phone": phone}),
        "contacts": contacts.select_related("contact__lead")[:MOST_ROWS],
        "consents": consents.select_related("superseded_by").order_by("-recorded", "-id")[
            :MOST_ROWS
        ],
        "opt_outs": opt_outs[:MOST_ROWS],
        "is_opted_out": opt_outs.in_force().filter(certain=True).exists(),
        "form": form,
    }
