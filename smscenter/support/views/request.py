from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from search.paging import CursorError, Order, page_of
from smscenter.accounts.http import MemberRequest, member_required, visible
from smscenter.support import article, evidence
from smscenter.support.forms import AnswerForm, StartForm, WhitelistForm
from smscenter.support.models import Request
from smscenter.support.states import MoveError, State

NEWEST_FIRST = Order.by("created", descending=True)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def whitelist_request(request: HttpRequest) -> HttpResponseBase:
    """A new request for members; for everybody else, how to ask."""
    if request.user.is_authenticated:
        return _ask(request)
    how = article.get("ask-for-whitelisting")
    return render(request, "help/article.html", {"article": how, "next": request.get_full_path()})


@member_required
def _ask(request: MemberRequest) -> HttpResponse:
    start = StartForm(request.GET, request.user)
    if not start.is_valid():
        raise Http404
    sender, message = start.sending_number(), start.cleaned_data["message"]
    if sender is None:
        return render(request, "support/sender_choice.html", {"form": start})
    form = WhitelistForm(
        request.POST or None,
        instance=Request(organization=request.organization, created_by=request.user, sender=sender),
        sender=sender,
        user=request.user,
        message=message,
    )
    return _edit(request, form)


@visible(lambda: Request.objects.for_whitelisting().select_related("sender", "organization"))
@require_http_methods(["GET", "HEAD", "POST"])
def request_edit(request: MemberRequest, asked: Request) -> HttpResponse:
    if asked.sender is None or not asked.status.is_editable:
        messages.error(request, "This request cannot be changed now.")
        return redirect(asked)
    form = WhitelistForm(
        request.POST or None, instance=asked, sender=asked.sender, user=request.user
    )
    return _edit(request, form)


def _edit(request: MemberRequest, form: WhitelistForm) -> HttpResponse:
    """Save what is right and show the summary; otherwise the form, with its errors."""
    if request.method == "POST" and form.is_valid():
        return redirect(form.save_once())
    status = 422 if form.is_bound else 200
    return render(request, "support/whitelist_form.html", {"form": form}, status=status)


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
    warnings = list(evidence.warnings(asked)) if asked.status.is_editable else []
    context = {"asked": asked, "warnings": warnings, "answer": AnswerForm()}
    return render(request, "support/request_detail.html", context)


@visible(Request.objects.all)
@require_POST
def request_submit(request: MemberRequest, asked: Request) -> HttpResponse:
    return _move(request, asked, State.SUBMITTED, "Submitted. Support will look at it.")


@visible(Request.objects.all)
@require_POST
def request_withdraw(request: MemberRequest, asked: Request) -> HttpResponse:
    return _move(request, asked, State.WITHDRAWN, "Withdrawn.")


def _move(request: MemberRequest, asked: Request, to: State, done: str) -> HttpResponse:
    # A second click asks for what is already so.
    if asked.status is not to:
        try:
            asked.move(to, request.user, request.POST.get("note", ""))
            messages.success(request, done)
        except MoveError as error:
            messages.error(request, str(error))
    return redirect(asked)
