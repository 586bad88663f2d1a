from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from search.answering.list_pages import Listing
from search.answering.trail import follow
from smscenter.notifications.models import Notification
from smscenter.support.mail.letters import place_of
from smscenter.support.models import SupportRequest, Whitelisting
from smscenter.support.models.states import State
from smscenter.support.requests.comments import reply
from smscenter.support.requests.moves import move
from smscenter.support.requests.whitelistings import revoke
from smscenter.support.review import actions
from smscenter.support.review.checklist import checklist
from smscenter.support.review.dossier import Dossier
from smscenter.support.review.forms import (
    AssignForm,
    CarrierMailForm,
    MoveForm,
    NoteForm,
    ReviewReplyForm,
    RevokeForm,
    carrier_address,
    first_step,
    steps_of,
)
from smscenter.support.review.http import (
    ReviewRequest,
    back_to,
    query_of,
    run_action,
    submitted_request,
)
from smscenter.support.review.saved_replies import filled_in
from smscenter.support.review.views.queue import REQUESTS


@submitted_request(SupportRequest.objects.for_review)
@require_safe
def review_detail(request: ReviewRequest, support_request: SupportRequest) -> HttpResponse:
    """Show the request, all evidence, and the next steps."""
    own = Notification.objects.visible_to(request.user)
    about = own.filter(organization=support_request.organization_id)
    about.filter(place=place_of(support_request)).mark_read()
    dossier, steps = Dossier(support_request), steps_of(support_request)
    rows = SupportRequest.objects.for_reviewer(request.user)
    context = {
        "support_request": support_request,
        "dossier": dossier,
        "checklist": checklist(dossier) if _is_undecided(support_request) else None,
        "steps": steps,
        "first_step": first_step(steps),
        "trail": follow(Listing(REQUESTS, request, rows.all)) if "at" in request.GET else None,
        "trail_query": query_of(request),
        "reply": ReviewReplyForm(),
        "saved_replies": filled_in(support_request, request.user),
        "note": NoteForm(),
        "assign": AssignForm(initial={"assignee": support_request.assignee_id}),
        "revoke": RevokeForm(),
        "mail": CarrierMailForm(packet=dossier.packet),
        "carrier_address": carrier_address(support_request),
    }
    return render(request, "support/review/detail.html", context)


def _is_undecided(support_request: SupportRequest) -> bool:
    return support_request.kind == SupportRequest.Kind.WHITELIST and support_request.status.is_open


@submitted_request(SupportRequest.objects.for_review)
@require_POST
def review_move(request: ReviewRequest, support_request: SupportRequest) -> HttpResponse:
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _show_errors(request, support_request, form)
    chosen = form.cleaned_data
    to = State(chosen["to"])
    action = partial(
        move,
        support_request,
        to,
        request.user,
        chosen["note"],
        ticket=chosen["ticket"],
        expires=chosen["expires"],
    )
    return run_action(request, support_request, action, f"{to.label}.")


@submitted_request(SupportRequest.objects.for_review)
@require_POST
def review_assign(request: ReviewRequest, support_request: SupportRequest) -> HttpResponse:
    form = AssignForm(request.POST)
    if not form.is_valid():
        return _show_errors(request, support_request, form)
    to = form.cleaned_data["assignee"]
    done = f"Assigned to {to}." if to else "Unassigned."
    return run_action(
        request, support_request, partial(actions.assign, support_request, to, request.user), done
    )


@submitted_request(SupportRequest.objects.for_review)
@require_POST
def review_note(request: ReviewRequest, support_request: SupportRequest) -> HttpResponse:
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _show_errors(request, support_request, form)
    write = partial(actions.add_note, support_request, request.user, form.cleaned_data["note"])
    return run_action(request, support_request, write, "Note added.")


@submitted_request(SupportRequest.objects.for_review)
@require_POST
def review_reply(request: ReviewRequest, support_request: SupportRequest) -> HttpResponse:
    form = ReviewReplyForm(request.POST)
    if not form.is_valid():
        return _show_errors(request, support_request, form)
    write = partial(reply, support_request, request.user, form.cleaned_data["note"])
    return run_action(request, support_request, write, "Reply sent.")


@submitted_request(SupportRequest.objects.for_review)
@require_POST
def review_revoke(request: ReviewRequest, support_request: SupportRequest) -> HttpResponse:
    form = RevokeForm(request.POST)
    whitelisting = (
        Whitelisting.objects.select_related("request__created_by")
        .filter(request=support_request)
        .first()
    )
    if whitelisting is None or not form.is_valid():
        return _show_errors(request, support_request, form)
    action = partial(revoke, whitelisting, request.user, form.cleaned_data["reason"])
    return run_action(
        request, support_request, action, "Whitelisting revoked. The requester will be notified."
    )


def _show_errors(
    request: ReviewRequest, support_request: SupportRequest, form: Any
) -> HttpResponse:
    """Show the errors of a form, or that there's no whitelisting to revoke."""
    problems = [str(problem) for field in form.errors.values() for problem in field]
    messages.error(request, " ".join(problems) or "This request doesn't have a whitelisting.")
    return back_to(request, support_request)
