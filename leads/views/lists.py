from django.http import HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from leads import exports
from leads.filters import LeadFilter
from leads.models import Lead
from leads.rows.lead_rows import COLUMNS
from search.answering import csv_export
from search.answering.everything import Everything
from search.answering.list_config import Column, ListConfig
from search.answering.list_pages import Listing, render_list
from search.answering.paging import Order
from smscenter.accounts.http import MemberRequest, member_required, require
from smscenter.database.replica.reading import from_replica

ORDERS = {
    f"{sign}{key}": Order.by(column, descending=sign == "-")
    for key, column in {
        "activity": "last_activity_at",
        "name": "name",
        "failed": "failed_sms_count",
    }.items()
    for sign in ("", "-")
}

LEADS = ListConfig(
    model="lead",
    one="lead",
    label="leads",
    placeholder="Search leads: name, number, failed_sms > 1…",
    examples=[
        ("failed_sms > 1", "leads with more than one failed text"),
        ("has:error_sms_messages", "leads with a failed text"),
        (
            "sms(created:today direction:outgoing status:error)",
            "leads with a text that failed today",
        ),
        ("latest_sms_status:error", "leads whose last text failed"),
        ("owner:me last_activity > 14 days ago", "your leads with no activity in two weeks"),
    ],
    filters=LeadFilter,
    orders=ORDERS,
    default_sort="-activity",
    columns=[
        Column("Name", "name", "name", field="name"),
        Column("Last text", name="text"),
        Column("Failed", "failed", "-failed", name="failed", field="failed_sms", is_number=True),
        Column("Texts", name="texts", is_number=True, is_default=False),
        Column("Status", name="status"),
        Column("Owner", name="owner", is_default=False),
        Column("Created", name="created", is_default=False, is_number=True),
        Column(
            "Last activity",
            "activity",
            "-activity",
            name="activity",
            field="last_activity",
            is_number=True,
        ),
    ],
    export="lead_export",
    exported=exports.columns(),
    reads=COLUMNS,
    everything=Everything(Lead.objects.visible_in, ORDERS, COLUMNS),
)


@member_required
@require_GET
@from_replica
def lead_list(request: MemberRequest) -> HttpResponse:
    listing = Listing(LEADS, request, lambda: Lead.objects.visible_to(request.user))
    return render_list(request, listing, "leads/lead_list.html", "leads/_results.html")


@member_required
@require_GET
@from_replica
def lead_export(request: MemberRequest) -> HttpResponse | StreamingHttpResponse:
    require(request, "leads.export_leads")
    leads = Lead.objects.visible_to(request.user).select_related("status", "owner")
    return csv_export.response(Listing(LEADS, request, leads.all))
