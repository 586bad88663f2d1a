from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from search.answering import csv_export
from search.answering.list_config import Column, ListConfig
from search.answering.list_pages import Listing, render_list
from search.answering.paging import Order
from smscenter.database.replica.reading import from_replica
from smscenter.support.models import SupportRequest
from smscenter.support.review.actions import take_next
from smscenter.support.review.filters import QueueFilter
from smscenter.support.review.http import ReviewRequest, reviewer_required
from smscenter.support.review.measures import measure

EXPORTED: csv_export.Columns[SupportRequest] = {
    "id": lambda support_request: support_request.pk,
    "organization": lambda support_request: support_request.organization,
    "kind": lambda support_request: support_request.kind,
    "subject": lambda support_request: support_request.subject,
    "number": csv_export.phone(
        lambda support_request: support_request.sender.phone if support_request.sender else ""
    ),
    "state": lambda support_request: support_request.state,
    "assigned to": lambda support_request: support_request.assignee,
    "requester": lambda support_request: support_request.created_by,
    "submitted": lambda support_request: support_request.submitted,
    "first reply": lambda support_request: support_request.first_answered,
    "decided": lambda support_request: support_request.decided,
    "carrier ticket": lambda support_request: support_request.carrier_ticket,
}


REQUESTS = ListConfig(
    model="request",
    one="request",
    label="requests",
    heading="Review queue",
    placeholder="Search requests: words, state:submitted, organization:acme…",
    examples=[
        ("state:submitted age > 2 days ago", "waiting for more than 2 days"),
        ("overdue:yes", "waiting longer than the target times"),
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
    columns=[
        Column("Request"),
        Column("Organization", name="organization"),
        Column("Number", name="number", is_default=False),
        Column("Status", name="status"),
        Column("Assigned to", name="assignee"),
        Column("Waiting", name="waiting"),
        Column(
            "Submitted",
            "submitted",
            "-submitted",
            name="submitted",
            field="submitted",
            is_number=True,
        ),
    ],
    detail="review_detail",
    export="review_export",
    exported=EXPORTED,
)


@reviewer_required
@require_safe
@from_replica
def review_queue(request: ReviewRequest) -> HttpResponse:
    """List the requests of all organizations, longest waiting first."""
    rows = SupportRequest.objects.for_reviewer(request.user).for_queue()
    listing = Listing(REQUESTS, request, rows.all)
    # The template calls `measure`, so that partial responses don't wait for it.
    return render_list(
        request,
        listing,
        "support/review/queue.html",
        "support/review/_results.html",
        measure=measure,
    )


@reviewer_required
@require_safe
@from_replica
def review_export(request: ReviewRequest) -> HttpResponse | StreamingHttpResponse:
    rows = (
        SupportRequest.objects.for_reviewer(request.user).for_queue().select_related("created_by")
    )
    return csv_export.response(Listing(REQUESTS, request, rows.all))


@reviewer_required
@require_POST
def review_next(request: ReviewRequest) -> HttpResponse:
    support_request = take_next(request.user)
    if support_request is None:
        messages.success(request, "You're all caught up.")
        return redirect("review_queue")
    messages.success(request, "Assigned to you.")
    return redirect("review_detail", support_request.pk)
