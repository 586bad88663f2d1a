from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from search.answering.paging import CursorError, Order, page_of
from smscenter.accounts.http import MemberRequest, member_required, visible
from smscenter.notifications.models import Notification
from smscenter.support.mail.letters import place_of
from smscenter.support.models import SupportRequest, Whitelisting
from smscenter.support.models.states import MoveError, State
from smscenter.support.requests import outcomes, warnings
from smscenter.support.requests.comments import add_comment
from smscenter.support.requests.drafts import deleted_after
from smscenter.support.requests.forms import CommentForm, ReplyForm
from smscenter.support.requests.moves import move, was_sent_with

TOO_LATE = "This request was already submitted, so your reply wasn't sent: “{note}”"
NEWEST_FIRST = Order.by("created", descending=True)


@member_required
@require_safe
def request_list(request: MemberRequest) -> HttpResponse:
    rows = SupportRequest.objects.visible_to(request.user).for_list()
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    try:
        page = page_of(rows, NEWEST_FIRST, after=after, before=before)
    except CursorError as error:
        raise Http404 from error
    return render(request, "support/request_list.html", {"page": page})


@visible(SupportRequest.objects.for_page)
@require_safe
def request_detail(request: MemberRequest, support_request: SupportRequest) -> HttpResponse:
    own = Notification.objects.visible_to(request.user)
    own.filter(place=place_of(support_request)).mark_read()
    shows_warnings = (
        support_request.status.is_editable and support_request.kind == SupportRequest.Kind.WHITELIST
    )
    whitelisting = (
        Whitelisting.objects.select_related("sender").filter(request=support_request).first()
    )
    context = {
        "support_request": support_request,
        "warnings": list(warnings.warnings(support_request)) if shows_warnings else [],
        "reply": ReplyForm(),
        "comment": CommentForm(),
        "whitelisting": whitelisting,
        "deleted_after": deleted_after(support_request),
        "effect": outcomes.effect(whitelisting) if whitelisting else None,
    }
    return render(request, "support/request_detail.html", context)


@visible(SupportRequest.objects.all)
@require_POST
def request_submit(request: MemberRequest, support_request: SupportRequest) -> HttpResponse:
    return _move(
        request, support_request, State.SUBMITTED, "Request submitted. Support will review it."
    )


@visible(SupportRequest.objects.all)
@require_POST
def request_withdraw(request: MemberRequest, support_request: SupportRequest) -> HttpResponse:
    return _move(request, support_request, State.WITHDRAWN, "Request withdrawn.")


@visible(SupportRequest.objects.all)
@require_POST
def request_comment(request: MemberRequest, support_request: SupportRequest) -> HttpResponse:
    """Add a comment while support has the request."""
    note = request.POST.get("note", "")
    try:
        add_comment(support_request, request.user, note)
    except MoveError as error:
        messages.error(request, str(error))
        return redirect(support_request)
    messages.success(request, "Comment added.")
    return redirect(support_request)


def _move(
    request: MemberRequest, support_request: SupportRequest, to: State, done: str
) -> HttpResponse:
    note = request.POST.get("note", "")
    if support_request.status is to:
        # A second click: the request is already in this state.
        if not was_sent_with(support_request, note):
            messages.error(request, TOO_LATE.format(note=note))
        return redirect(support_request)
    try:
        move(support_request, to, request.user, note)
        messages.success(request, done)
    except MoveError as error:
        messages.error(request, str(error))
    return redirect(support_request)
