"""Give an unknown number a lead: a new one, or one that's there."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from leads.models import Lead
from leads.phones import Phone
from leads.views.palette import find
from messaging.incoming.inbox import unknown_numbers
from messaging.models import Thread
from messaging.views.inbox import moved
from search import QueryError
from smscenter.accounts.http import MemberRequest, visible
from smscenter.database.row_ids import row_id

LONGEST_NAME = 255


def phone_of(thread: Thread) -> Phone:
    """Return the thread's unknown number. Raise Http404 if it's a lead's, or can't be texted."""
    if thread.lead or thread.phone is None:
        raise Http404
    return thread.phone


@visible(Thread.objects.for_page)
@require_POST
def number_lead(request: MemberRequest, thread: Thread) -> HttpResponse:
    """Make a lead with this number, and show its thread."""
    phone = phone_of(thread)
    name = request.POST.get("name", "").strip()[:LONGEST_NAME]
    try:
        lead = unknown_numbers.make_lead(thread, phone, name, request.user)
    except unknown_numbers.NoStatusError:
        notice = "Can't create a lead: your organization has no lead statuses."
        return moved(request, thread, thread, notice, can_undo=False)
    return shown(request, lead, f"Added to {lead}.")


@visible(Thread.objects.for_page)
@require_http_methods(["GET", "HEAD", "POST"])
def number_attach(request: MemberRequest, thread: Thread) -> HttpResponse:
    """Search for a lead by name or number, and add the number to the chosen one."""
    phone = phone_of(thread)
    if request.method == "POST":
        chosen = row_id(request.POST.get("lead", ""))
        lead = get_object_or_404(Lead.objects.visible_to(request.user), pk=chosen)
        unknown_numbers.attach(thread, phone, lead)
        return shown(request, lead, f"Added to {lead}.")
    words = request.GET.get("q", "").strip()[:100]
    context: dict[str, Any] = {"thread": thread, "words": words}
    context["tab"] = request.GET.get("tab", "")
    try:
        context["found"] = find(request.user, words)
    except QueryError as error:
        context["problem"] = error.problem.message
    template = "messaging/inbox/_attach.html" if request.htmx else "messaging/number_attach.html"
    return render(request, template, context)


def shown(request: MemberRequest, lead: Lead, notice: str) -> HttpResponse:
    """Show the lead's thread after it got the number's texts."""
    found = Thread.objects.for_page().filter(lead=lead).first()
    if found is None:  # the worker moves the texts
        messages.success(request, notice)
        return (
            HttpResponseClientRedirect(lead.get_absolute_url()) if request.htmx else redirect(lead)
        )
    return moved(request, found, found, notice, can_undo=False)
