from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from leads.filters import LeadFilter
from leads.models import Lead
from search.paging import CursorError, Order, count_of, page_of
from smscenter.accounts.http import MemberRequest, member_required

COLUMNS = {"activity": "last_activity_at", "name": "name", "failed": "failed_sms_count"}
DEFAULT_SORT = "-activity"


@dataclass(frozen=True)
class Heading:
    """A column's heading: a link that sorts by it, or turns the order round."""

    label: str
    key: str = ""
    first: str = ""
    current: str = ""

    @property
    def sort(self) -> str:
        if self.current.lstrip("-") != self.key:
            return self.first
        return self.key if self.current.startswith("-") else f"-{self.key}"

    @property
    def aria_sort(self) -> str:
        if self.current.lstrip("-") != self.key:
            return ""
        return "descending" if self.current.startswith("-") else "ascending"


def headings(sort: str) -> list[Heading]:
    return [
        Heading("Name", "name", "name", sort),
        Heading("Latest SMS"),
        Heading("Failed", "failed", "-failed", sort),
        Heading("Status"),
        Heading("Owner"),
        Heading("Last activity", "activity", "-activity", sort),
    ]


@member_required
@require_GET
def lead_list(request: MemberRequest) -> HttpResponse:
    sort = request.GET.get("sort", "")
    if sort.lstrip("-") not in COLUMNS:
        sort = DEFAULT_SORT
    order = Order.by(COLUMNS[sort.lstrip("-")], descending=sort.startswith("-"))
    leads = LeadFilter(request.GET, queryset=Lead.objects.visible_to(request.user), request=request)
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    try:
        page = page_of(leads.qs.for_list(), order, after=after, before=before)
    except CursorError:
        return redirect("lead_list")
    context = {
        "filter": leads,
        "filtered": any(leads.data.get(name) for name in leads.filters),
        "headings": headings(sort),
        "sort": sort,
        "page": page,
        "count": count_of(leads.qs),
    }
    fragment = request.htmx and not request.htmx.boosted
    return render(request, "leads/_results.html" if fragment else "leads/lead_list.html", context)
