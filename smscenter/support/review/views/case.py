from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from smscenter.support.models import Request, Whitelisting
from smscenter.support.models.states import State
from smscenter.support.requests import evidence
from smscenter.support.review.dossier import Dossier
from smscenter.support.review.forms import (
    AssignForm,
    CarrierMailForm,
    MoveForm,
    NoteForm,
    RevokeForm,
    carrier_address,
    steps_of,
)
from smscenter.support.review.http import ReviewRequest, attempt, submitted


@submitted(Request.objects.for_review)
@require_safe
def review_detail(request: ReviewRequest, asked: Request) -> HttpResponse:
    """The request, all evidence, and what can be done next."""
    dossier = Dossier(asked)
    context = {
        "asked": asked,
        "dossier": dossier,
        "warnings": list(evidence.warnings(asked)) if _is_to_be_decided(asked) else [],
        "steps": steps_of(asked),
        "note": NoteForm(),
        "assign": AssignForm(initial={"assignee": asked.assignee_id}),
        "revoke": RevokeForm(),
        "mail": CarrierMailForm(packet=dossier.packet),
        "carrier_address": carrier_address(asked),
    }
    return render(request, "support/review/detail.html", context)


def _is_to_be_decided(asked: Request) -> bool:
    return asked.kind == Request.Kind.WHITELIST and asked.status.is_open


@submitted(Request.objects.for_review)
@require_POST
def review_move(request: ReviewRequest, asked: Request) -> HttpResponse:
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _refused(request, asked, form)
    chosen = form.cleaned_data
    to = State(chosen["to"])
    move = partial(
        asked.move,
        to,
        request.user,
        chosen["note"],
        ticket=chosen["ticket"],
        expires=chosen["expires"],
    )
    return attempt(request, asked, move, f"{to.label}.")


@submitted(Request.objects.for_review)
@require_POST
def review_assign(request: ReviewRequest, asked: Request) -> HttpResponse:
    form = AssignForm(request.POST)
    if not form.is_valid():
        return _refused(request, asked, form)
    to = form.cleaned_data["assignee"]
    done = f"Assigned to {to}." if to else "Unassigned."
    return attempt(request, asked, partial(asked.assign, to, request.user), done)


@submitted(Request.objects.for_review)
@require_POST
def review_note(request: ReviewRequest, asked: Request) -> HttpResponse:
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _refused(request, asked, form)
    write = partial(asked.add_note, request.user, form.cleaned_data["note"])
    return attempt(request, asked, write, "Note added.")


@submitted(Request.objects.for_review)
@require_POST
def review_revoke(request: ReviewRequest, asked: Request) -> HttpResponse:
    form = RevokeForm(request.POST)
    granted = Whitelisting.objects.select_related("request__created_by").filter(request=asked)
    whitelisting = granted.first()
    if whitelisting is None or not form.is_valid():
        return _refused(request, asked, form)
    revoke = partial(whitelisting.revoke, request.user, form.cleaned_data["reason"])
    return attempt(request, asked, revoke, "Whitelisting revoked. The requester will be notified.")


def _refused(request: ReviewRequest, asked: Request, form: Any) -> HttpResponse:
    """What a form says of itself; where it has nothing to say, there is nothing to do this to."""
    problems = [str(problem) for field in form.errors.values() for problem in field]
    messages.error(request, " ".join(problems) or "This request doesn't have a whitelisting.")
    return redirect("review_detail", asked.pk)
