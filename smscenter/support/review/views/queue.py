from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from search.listing import Kind, Listing
from search.paging import CursorError, Order
from smscenter.support.models import Request
from smscenter.support.review.filters import QueueFilter
from smscenter.support.review.http import ReviewRequest, reviewer_required
from smscenter.support.review.measures import measure

# The box for the search language is this and an include in the template, once
# smscenter/support/vocabulary.py registers the words of requests.
REQUESTS = Kind(
    model="request",
    one="request",
    label="requests",
    placeholder="Search requests: words, state:submitted, organization: …",
    examples=[],
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
        ("Came", "submitted", "-submitted"),
    ],
)


@reviewer_required
@require_safe
def review_queue(request: ReviewRequest) -> HttpResponse:
    """All organizations' requests, the one that waits longest first."""
    rows = Request.objects.submitted().for_queue()
    listing = Listing(REQUESTS, request, rows)
    try:
        page = listing.page()
    except CursorError:
        return redirect("review_queue")
    context = {"listing": listing, "page": page, "measures": measure()}
    return render(request, "support/review/queue.html", context)


@reviewer_required
@require_POST
def review_next(request: ReviewRequest) -> HttpResponse:
    asked = Request.objects.take_next(request.user)
    if asked is None:
        messages.success(request, "Nothing waits for anybody. Well done.")
        return redirect("review_queue")
    return redirect("review_detail", asked.pk)
