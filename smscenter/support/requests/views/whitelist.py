from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from smscenter.accounts.http import MemberRequest, member_required, visible
from smscenter.support.help import article
from smscenter.support.models import SupportRequest
from smscenter.support.models.states import State
from smscenter.support.requests import warnings
from smscenter.support.requests.forms import StartForm
from smscenter.support.requests.whitelist_form import WhitelistForm

TOO_LATE = "You can't change this request right now."


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def whitelist_request(request: HttpRequest) -> HttpResponseBase:
    """Start a new request. Signed-out visitors see how to request whitelisting."""
    if request.user.is_authenticated:
        return _ask(request)
    how = article.get("ask-for-whitelisting")
    return render(request, "help/article.html", {"article": how, "next": request.get_full_path()})


@member_required
def _ask(request: MemberRequest) -> HttpResponse:
    start = StartForm(request.GET, request.user)
    if not start.is_valid():
        raise Http404
    sender, message = start.sender_number(), start.cleaned_data["message"]
    if sender is None:
        return render(request, "support/sender_choice.html", {"form": start})
    form = WhitelistForm(
        request.POST or None,
        request.FILES or None,
        instance=SupportRequest(
            organization=request.organization, created_by=request.user, sender=sender
        ),
        user=request.user,
        message=message,
    )
    return _edit(request, form)


@visible(lambda: SupportRequest.objects.for_whitelisting().select_related("sender", "organization"))
@require_http_methods(["GET", "HEAD", "POST"])
def request_edit(request: MemberRequest, support_request: SupportRequest) -> HttpResponse:
    if request.htmx and support_request.status is not State.DRAFT:
        # A page autosaves a request that was submitted meanwhile.
        return render(request, "support/_saved.html", {"support_request": support_request})
    if support_request.sender is None or not support_request.status.is_editable:
        messages.error(request, TOO_LATE)
        return redirect(support_request)
    form = WhitelistForm(
        request.POST or None, request.FILES or None, instance=support_request, user=request.user
    )
    return _edit(request, form)


def _edit(request: MemberRequest, form: WhitelistForm) -> HttpResponse:
    """Save a valid form and show the request, or show the form with its errors."""
    is_right = form.is_valid() if form.is_bound else False
    if is_right or (form.as_draft and form.can_be_found):
        support_request = form.save_once()
        if request.htmx or form.newer is None:
            return _saved(request, form, support_request)
    context = {"form": form, "others": _others(form), "newer": form.show_newer()}
    status = 409 if form.newer else 422 if form.is_bound else 200
    return render(request, "support/whitelist_form.html", context, status=status)


def _saved(
    request: MemberRequest, form: WhitelistForm, support_request: SupportRequest
) -> HttpResponse:
    if request.htmx:
        context = {"support_request": support_request, "at": timezone.now(), "form": form}
        context["warnings"] = list(warnings.warnings(support_request))
        response = render(request, "support/_saved.html", context)
        if form.saved_by_same_page:
            # The response to its last save got lost. With this one, the page knows the version.
            trigger_client_event(response, "save-again", after="settle")
        return response
    if not form.may_write(support_request):
        messages.error(request, TOO_LATE)
    elif form.as_draft:
        messages.success(request, "Draft saved.")
    return redirect(support_request)


def _others(form: WhitelistForm) -> list[SupportRequest]:
    """Return open requests for the same number, and this person's drafts, newest first."""
    if form.instance.pk or form.is_bound:
        return []
    rows = SupportRequest.objects.for_whitelisting().filter(sender=form.instance.sender)
    sent_first = F("submitted").desc(nulls_last=True)
    return list(rows.unfinished_for(form.user).order_by(sent_first, "-created", "-id")[:3])
