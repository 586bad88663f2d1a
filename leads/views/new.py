"""Create a lead with its first contact, and show leads that may be the same."""

from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from leads.changing import duplicates
from leads.changing.duplicates import Duplicate
from leads.forms import NewLeadForm
from leads.models import Lead
from smscenter.accounts.http import MemberRequest, member_required


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def lead_new(request: MemberRequest) -> HttpResponse:
    """Create a lead, after a question if it may exist."""
    form = _form(request)
    if not form.is_bound:
        return render(request, "leads/lead_new.html", {"form": form})
    found: list[Duplicate] = []
    if form.is_valid():
        found = [] if form.was_created else [each for each in _found(request) if each.is_likely]
        if not found or "anyway" in request.POST:
            return redirect(form.save_once(form.save_with_contact))
    context = {"form": form, "duplicates": found, "needs_confirming": bool(found)}
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "leads/lead_new.html", context, status=status)


@member_required
@require_POST
def lead_duplicates(request: MemberRequest) -> HttpResponse:
    """Show leads that may be the same as the one that's being typed."""
    found = _found(request)
    needs_confirming = any(each.is_likely for each in found)
    context = {"duplicates": found, "needs_confirming": needs_confirming}
    return render(request, "leads/_duplicates_checked.html", context)


def _form(request: MemberRequest) -> NewLeadForm:
    lead = Lead(organization=request.organization, created_by=request.user, owner=request.user)
    # The command palette offers a lead with the name that was typed, and lists one with a number.
    named = {name: request.GET.get(name, "") for name in ("name", "phone")}
    return NewLeadForm(request.POST or None, instance=lead, user=request.user, initial=named)


def _found(request: MemberRequest) -> list[Duplicate]:
    typed = {name: request.POST.get(name, "")[:255] for name in ("name", "phone", "email")}
    return duplicates.find(request.user, **typed)
