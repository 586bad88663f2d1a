from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from search.answering import csv_export
from search.answering.list_pages import ListConfig, Listing, render_list
from search.answering.paging import Order
from smscenter.support.models import Request
from smscenter.support.review.filters import QueueFilter
from smscenter.support.review.http import ReviewRequest, reviewer_required
from smscenter.support.review.measures import measure

REQUESTS = ListConfig(
    model="request",
    one="request",
    label="requests",
    placeholder="Search requests: words, state:submitted, organization: …",
    examples=[
        ("state:submitted age > 2 days ago", "waiting for more than 2 days"),
        ("assignee:me state:open", "open and assigned to you"),
        ("kind:whitelist assignee:none state:open", "unassigned whitelist requests"),
        ("evidence = 0 state:submitted", "no proof of opt-in attached"),
        ('state:refused decided:"this month"', "refused this month"),
    ],
    filters=QueueFilter,
    orders={
        "submitted": Order.by("submitted"),
        "-submitted": Order.by("submitted", descending=True),
    },
    default_sort="submitted",
    headings=[
        ("Request", "", ""),
        ("Organization", "", ""),
        ("Number", "", ""),
        ("State", "", ""),
        ("Assigned to", "", ""),
        ("Submitted", "submitted", "-submitted"),
    ],
)

EXPORTED: csv_export.Columns[Request] = {
    "id": lambda asked: asked.pk,
    "organization": lambda asked: asked.organization,
    "kind": lambda asked: asked.kind,
    "subject": lambda asked: asked.subject,
    "number": csv_export.phone(lambda asked: asked.sender.phone if asked.sender else ""),
    "state": lambda asked: asked.state,
    "assigned to": lambda asked: asked.assignee,
    "requester": lambda asked: asked.created_by,
    "submitted": lambda asked: asked.submitted,
    "first answered": lambda asked: asked.first_answered,
    "decided": lambda asked: asked.decided,
    "carrier's ticket": lambda asked: asked.carrier_ticket,
}


@reviewer_required
@require_safe
def review_queue(request: ReviewRequest) -> HttpResponse:
    """All organizations' requests, the one that waits longest first."""
    rows = Request.objects.for_reviewer(request.user).for_queue()
    listing = Listing(REQUESTS, request, rows)
    # The template calls `measure`, so that whoever asks for the part waits for no numbers.
    return render_list(
        request,
        listing,
        "support/review/queue.html",
        "support/review/_results.html",
        measure=measure,
    )


@reviewer_required
@require_safe
def review_export(request: ReviewRequest) -> HttpResponse | StreamingHttpResponse:
    rows = Request.objects.for_reviewer(request.user).for_queue().select_related("created_by")
    return csv_export.response(Listing(REQUESTS, request, rows), EXPORTED)


@reviewer_required
@require_POST
def review_next(request: ReviewRequest) -> HttpResponse:
    asked = Request.objects.take_next(request.user)
    if asked is None:
        messages.success(request, "You're all caught up.")
        return redirect("review_queue")
    messages.success(request, "Assigned to you.")
    return redirect("review_detail", asked.pk)
