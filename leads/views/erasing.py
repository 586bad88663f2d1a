"""Erase a person's data on request, and show what was erased."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.contrib.auth.decorators import permission_required
from django.db.models import Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from leads.erasing import work
from leads.models import ContactEmail, ContactPhone, Erasure, Lead
from leads.permissions import ERASE_PEOPLE
from smscenter.accounts.http import MemberRequest, member_required, visible
from smscenter.accounts.members.settings_page import confirmed

MOST = 200
may_erase = permission_required(ERASE_PEOPLE, raise_exception=True)


def erasable(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Pass the lead in the URL to the view, also a recently deleted one: 404 to strangers."""

    @wraps(view)
    def gate(request: MemberRequest, pk: int) -> HttpResponseBase:
        leads = Lead.objects.filter(organization=request.organization)
        # A merged lead's data is the other lead's now.
        leads = leads.exclude(deletion__merge__isnull=False)
        return view(request, get_object_or_404(leads, pk=pk))

    return member_required(gate)


@erasable
@may_erase
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def lead_erase(request: MemberRequest, lead: Lead) -> HttpResponse:
    """Show what's erased and what stays, and erase it once the name was typed."""
    contacts = list(lead.contacts.all())
    chosen = next((each for each in contacts if f"{each.pk}" == request.GET.get("contact")), None)
    typed, name = request.POST.get("name", "").strip(), (chosen or lead).name
    if request.method == "POST" and typed == name.strip():
        if chosen and len(contacts) > 1:
            return redirect(work.start_contact(chosen, request.user))
        return redirect(work.start(lead, request.user))
    context = {
        "lead": lead,
        "name": name,
        "contacts": contacts if len(contacts) > 1 else [],
        "chosen": chosen,
        "lines": [] if chosen else work.lines(lead),
        "others": _others(lead),
        "typed": typed,
        "is_wrong": request.method == "POST",
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if context["is_wrong"] else HTTPStatus.OK
    return render(request, "leads/erase.html", context, status=status)


def _others(lead: Lead) -> list[Lead]:
    """Return other leads with one of the person's numbers or emails."""
    phones = ContactPhone.objects.filter(contact__lead=lead).values("phone")
    emails = ContactEmail.objects.filter(contact__lead=lead).values("email")
    leads = Lead.objects.visible_in(lead.organization_id).exclude(pk=lead.pk)
    same = Q(contacts__phones__phone__in=phones) | Q(contacts__emails__email__in=emails)
    ids = set(leads.filter(same).order_by().values_list("pk", flat=True)[:MOST])
    return list(Lead.objects.filter(pk__in=ids).order_by("name", "pk"))


@visible(Erasure.objects.all)
@may_erase
@require_GET
def erasure_detail(request: MemberRequest, erasure: Erasure) -> HttpResponse:
    template = "leads/_erasure.html" if request.htmx else "leads/erasure_detail.html"
    lead = Lead.objects.visible_to(request.user).filter(pk=erasure.lead_number).first()
    context = {"erasure": erasure, "lead": lead}
    return render(request, template, context)


@member_required
@may_erase
@require_GET
def erasure_list(request: MemberRequest) -> HttpResponse:
    rows = Erasure.objects.visible_to(request.user).order_by("-created", "-pk")
    return render(request, "leads/erasure_list.html", {"erasures": rows[:MOST]})
