"""Merge two leads: choose the other one, check the preview, and undo it."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from leads.changing import duplicates, merging
from leads.models import Contact, Lead, LeadMerge
from leads.views.palette import find
from search import QueryError
from smscenter import undo
from smscenter.accounts.http import MemberRequest, visible
from smscenter.database.row_ids import row_id

GONE = "One of these leads was deleted or merged meanwhile."


@visible(Lead.objects.for_page)
@require_http_methods(["GET", "HEAD", "POST"])
def lead_merge(request: MemberRequest, lead: Lead) -> HttpResponse:
    """Preview a merge with the lead in the URL, or list leads to merge with."""
    other = _other(request, lead)
    if other is None:
        return _choose(request, lead)
    if request.method == "POST":
        return _merge(request, lead, other)
    joined = dict(merging.joined(lead, other))
    contacts = Contact.objects.visible_to(request.user).filter(lead=other)
    context = {
        "lead": lead,
        "other": other,
        "choices": merging.choices(lead, other),
        "contacts": [(contact, joined.get(contact)) for contact in contacts],
        "notes": other.notes.count(),
    }
    return render(request, "leads/merge.html", context)


def _other(request: MemberRequest, lead: Lead) -> Lead | None:
    pk = row_id(request.GET.get("with", ""))
    if pk is None:
        return None
    others = Lead.objects.visible_to(request.user).for_page().exclude(pk=lead.pk)
    return others.filter(pk=pk).first()


def _choose(request: MemberRequest, lead: Lead) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:100]
    problem = ""
    try:
        leads = find(request.user, text) if text else duplicates.of(lead, request.user)
    except QueryError as error:
        leads, problem = [], error.problem.message
    found = [each.lead for each in leads if each.lead != lead]
    context = {"lead": lead, "text": text, "found": found, "problem": problem}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    return render(request, "leads/merge_choose.html", context, status=status)


def _merge(request: MemberRequest, lead: Lead, other: Lead) -> HttpResponse:
    taken = [key for key, value in request.POST.items() if value == "other"]
    try:
        record = merging.merge(lead, other, request.user, taken)
    except merging.GoneError:
        messages.error(request, GONE)
        return redirect("lead_list")
    text = f"{other.name} merged into this lead."
    undo.notify(request, undo.offer(request, text, "merge", record.pk))
    return redirect(lead)


@visible(lambda: LeadMerge.objects.select_related("lead", "source"))
@require_POST
def merge_undo(request: MemberRequest, record: LeadMerge) -> HttpResponse:
    if merging.undo(record, request.user):
        messages.success(request, f"{record.source_name} is a lead of its own again.")
    else:
        messages.error(request, merging.TOO_LATE)
    return redirect(record.lead)
