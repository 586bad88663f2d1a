from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from search.answering.paging import CursorError, Order, page_of
from smscenter.accounts.http import MemberRequest, member_required, visible
from smscenter.support import retention
from smscenter.support.models import Request, Whitelisting
from smscenter.support.models.states import MoveError, State
from smscenter.support.requests import evidence, outcomes
from smscenter.support.requests.forms import AnswerForm, RemarkForm

TOO_LATE = "This request was already submitted, so your reply wasn't sent: “{note}”"
NEWEST_FIRST = Order.by("created", descending=True)


@member_required
@require_safe
def request_list(request: MemberRequest) -> HttpResponse:
    rows = Request.objects.visible_to(request.user).for_list()
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    try:
        page = page_of(rows, NEWEST_FIRST, after=after, before=before)
    except CursorError as error:
        raise Http404 from error
    return render(request, "support/request_list.html", {"page": page})


@visible(Request.objects.for_page)
@require_safe
def request_detail(request: MemberRequest, asked: Request) -> HttpResponse:
    shows = asked.status.is_editable and asked.kind == Request.Kind.WHITELIST
    warnings = list(evidence.warnings(asked)) if shows else []
    granted = Whitelisting.objects.select_related("sender").filter(request=asked).first()
    context = {
        "asked": asked,
        "warnings": warnings,
        "answer": AnswerForm(),
        "remark": RemarkForm(),
        "granted": granted,
        "deleted_after": retention.deleted_after(asked),
        "effect": outcomes.effect(granted) if granted else None,
    }
    return render(request, "support/request_detail.html", context)


@visible(Request.objects.all)
@require_POST
def request_submit(request: MemberRequest, asked: Request) -> HttpResponse:
    return _move(request, asked, State.SUBMITTED, "Request submitted. Support will review it.")


@visible(Request.objects.all)
@require_POST
def request_withdraw(request: MemberRequest, asked: Request) -> HttpResponse:
    return _move(request, asked, State.WITHDRAWN, "Request withdrawn.")


@visible(Request.objects.all)
@require_POST
def request_remark(request: MemberRequest, asked: Request) -> HttpResponse:
    """More about it, while support has it."""
    note = request.POST.get("note", "")
    try:
        asked.add_remark(request.user, note)
    except MoveError as error:
        messages.error(request, str(error))
        return redirect(asked)
    messages.success(request, "Comment added.")
    return redirect(asked)


def _move(request: MemberRequest, asked: Request, to: State, done: str) -> HttpResponse:
    note = request.POST.get("note", "")
    if asked.status is to:
        # A second click asks for what is already so.
        if not asked.has_heard(note):
            messages.error(request, TOO_LATE.format(note=note))
        return redirect(asked)
    try:
        asked.move(to, request.user, note)
        messages.success(request, done)
    except MoveError as error:
        messages.error(request, str(error))
    return redirect(asked)
