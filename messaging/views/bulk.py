"""Bulk sends: choose, preview, start, watch, and see what became of each recipient."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from leads.models import Lead
from leads.views.lists import LEADS
from messaging.composing import preflight
from messaging.composing.verdicts import Verdict
from messaging.models import BulkSend, SmsMessage
from messaging.models.bulk import LABELS, Bucket
from messaging.outgoing import notifications
from messaging.outgoing.bulk import actions, items, selection
from messaging.outgoing.bulk.account import Account
from messaging.outgoing.bulk.form import BulkForm
from messaging.outgoing.bulk.selection import Selection
from messaging.views.lists import MESSAGES
from search.answering.list_actions import ticked
from search.answering.list_pages import Listing
from search.answering.paging import CursorError, Order, Page, Row, page_of
from smscenter.accounts.http import MemberRequest, member_required, visible
from smscenter.notifications.models import Notification

Kind = BulkSend.Kind
NEWEST = Order.by("created", descending=True)
IN_ORDER = Order.by("position")
PAGE = 50
MOVES = {"start": actions.start, "pause": actions.pause, "resume": actions.resume}
TOO_LATE = "That's no longer possible. This page shows the current state."


@member_required
@require_GET
def bulk_list(request: MemberRequest) -> HttpResponse:
    rows = BulkSend.objects.visible_to(request.user).for_list()
    page = _page(request, rows, NEWEST)
    if page is None:
        return redirect("bulk_list")
    return render(request, "messaging/bulk_list.html", {"page": page})


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def bulk_new(request: MemberRequest) -> HttpResponse:
    """Choose the text for the leads of a search, or which failed texts to resend.

    The URL has the search or the ids of the ticked rows, as the list page's has.
    """
    chosen = _selection(request)
    if problem := chosen.problem:
        messages.error(request, problem)
        return redirect(chosen.back)
    if "insert" in request.POST:
        form = BulkForm(initial=request.POST.dict(), user=request.user, kind=chosen.kind)
        form.insert_template()
    else:
        data = request.POST if request.method == "POST" else None
        form = BulkForm(data, user=request.user, kind=chosen.kind)
    if form.is_bound and form.is_valid():
        return redirect(form.save(chosen))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    context = {"form": form, "chosen": chosen}
    return render(request, "messaging/bulk_new.html", context, status=status)


@visible(BulkSend.objects.for_page)
@require_GET
def bulk_detail(request: MemberRequest, bulk: BulkSend) -> HttpResponse:
    """Show the preview, the progress, or the result. htmx only gets what changes by itself."""
    context = _account_of(request, bulk)
    if request.htmx and not request.htmx.boosted:
        if request.GET.get("state") != bulk.state:
            return HttpResponseClientRefresh()
        return render(request, "messaging/_bulk_account.html", context)
    own = Notification.objects.visible_to(request.user)
    own.about(notifications.FAILED_BULK, bulk.pk).mark_read()
    bucket = request.GET.get("bucket", "") if request.GET.get("bucket") in Bucket.values else ""
    why = request.GET.get("why", "") if request.GET.get("why") in LABELS else ""
    rows = bulk.items.visible_to(request.user).in_bucket(bucket, why)
    rows = rows.select_related("lead", "contact", "message")
    page = _page(request, rows, IN_ORDER)
    if page is None:
        return redirect(bulk)
    context |= {
        "page": page,
        "bucket": bucket,
        "bucket_label": Bucket(bucket).label if bucket else "",
        "why_label": LABELS.get(why, ""),
        "verdicts": _verdicts(bulk),
    }
    return render(request, "messaging/bulk_detail.html", context)


@visible(BulkSend.objects.for_page)
@require_POST
def bulk_move(request: MemberRequest, bulk: BulkSend) -> HttpResponse:
    """Start, pause, resume, stop, or discard it."""
    _check_permission(request, bulk)
    move = request.POST.get("move", "")
    if move == "discard" and actions.discard(bulk):
        messages.success(request, "Preview discarded. Nothing was sent.")
        return redirect("bulk_list")
    if move == "stop":
        is_done = actions.stop(bulk, request.user)
    else:
        is_done = move in MOVES and MOVES[move](bulk, request.user)
    if not is_done:
        messages.error(request, TOO_LATE)
    return redirect(bulk)


@visible(BulkSend.objects.for_page)
@require_POST
def bulk_choose(request: MemberRequest, bulk: BulkSend) -> HttpResponse:
    """Leave out or include items of the preview."""
    _check_permission(request, bulk)
    match request.POST.get("choose", ""):
        case "old":
            number, done = actions.include(bulk), "Included"
        case "include":
            number, done = actions.include(bulk, _positions(request.POST)), "Included"
        case _:
            number, done = actions.leave_out(bulk, _positions(request.POST)), "Left out"
    if number:
        messages.success(request, f"{done} {number:,} text{'' if number == 1 else 's'}.")
    else:
        messages.error(request, "Select at least one text, before sending starts.")
    return redirect(bulk)


def _selection(request: MemberRequest) -> Selection:
    kind = Kind.RESEND if request.GET.get("kind") == Kind.RESEND else Kind.SEND
    rows: QuerySet[Lead] | QuerySet[SmsMessage]
    if kind == Kind.SEND:
        rows, config = Lead.objects.visible_to(request.user), LEADS
    else:
        rows, config = SmsMessage.objects.visible_to(request.user), MESSAGES
    return selection.of(kind, Listing(config, request, rows.all), ticked(request.GET))


def _account_of(request: MemberRequest, bulk: BulkSend) -> dict[str, object]:
    may_change = bulk.can_be_changed_by(request.user)
    return {
        "bulk": bulk,
        "account": Account.of(bulk),
        "may_change": may_change,
        "may_choose": may_change and bulk.state == BulkSend.State.READY,
    }


def _page(request: MemberRequest, rows: QuerySet[Row], order: Order) -> Page[Row] | None:
    """Return the requested page, or None for a malformed position."""
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    try:
        return page_of(rows, order, after=after, before=before, size=PAGE)
    except CursorError:
        return None


def _verdicts(bulk: BulkSend) -> list[Verdict]:
    """Return warnings about the words and the sender number, which are the same for all."""
    sample = None if bulk.started or bulk.is_resend else bulk.items.waiting().first()
    if sample is None:
        return []
    verdicts = preflight.check(
        organization=bulk.organization,
        sender=bulk.sender,
        to=sample.phone,
        text=sample.text,
        known={},
    )
    about_all = items.ABOUT_ALL | items.ABOUT_TEMPLATE
    return [each for each in verdicts if each.code in about_all]


def _check_permission(request: MemberRequest, bulk: BulkSend) -> None:
    if not bulk.can_be_changed_by(request.user):
        raise PermissionDenied


def _positions(form: QueryDict) -> list[int]:
    given = form.getlist("positions")[:PAGE]
    return [int(text) for text in given if text.isdecimal() and len(text) < 10]
