from django.http import HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET, require_http_methods

from leads.models import BulkChange
from leads.views.bulk import change_page
from messaging.diagnosis.rows.exported_columns import EXPORTED
from messaging.diagnosis.rows.message_rows import COLUMNS
from messaging.models import SmsMessage
from messaging.views.filters import MessageFilter
from search.answering import csv_export
from search.answering.everything import Everything
from search.answering.list_config import Column, ListConfig
from search.answering.list_pages import Listing, render_list
from search.answering.paging import Order
from smscenter.accounts.http import MemberRequest, member_required, require
from smscenter.database.replica.reading import from_replica

ORDERS = {"-created": Order.by("created", descending=True), "created": Order.by("created")}

MESSAGES = ListConfig(
    model="message",
    one="message",
    label="messages",
    placeholder="Search messages: words, status:error, reason:spam…",
    examples=[
        ("status:error", "texts that failed"),
        ("status:error created:today", "texts that failed today"),
        ("reason:spam created:last month", "texts flagged as spam last month"),
        ("direction:incoming created > 2 days ago", "texts received more than two days ago"),
        ("user:me status:outbox", "your texts that are still sending"),
        ("has:unconfirmed", "texts that the carrier didn't confirm"),
    ],
    filters=MessageFilter,
    orders=ORDERS,
    default_sort="-created",
    columns=[
        Column("Text"),
        Column("Lead", name="lead"),
        Column("Number", name="number"),
        Column("By", name="by"),
        Column("Sender number", name="sender", is_default=False),
        Column("Segments", name="segments", is_number=True, is_default=False),
        Column("When", "created", "-created", name="created", field="created", is_number=True),
    ],
    export="message_export",
    exported=EXPORTED,
    reads=COLUMNS,
    everything=Everything(SmsMessage.objects.visible_in, ORDERS, COLUMNS),
)


@member_required
@require_GET
@from_replica
def message_list(request: MemberRequest) -> HttpResponse:
    listing = Listing(MESSAGES, request, lambda: SmsMessage.objects.visible_to(request.user))
    page, part = "messaging/message_list.html", "messaging/_results.html"
    return render_list(request, listing, page, part)


@member_required
@require_GET
@from_replica
def message_export(request: MemberRequest) -> HttpResponse | StreamingHttpResponse:
    require(request, "leads.export_leads")
    messages = SmsMessage.objects.visible_to(request.user)
    messages = messages.select_related("lead__owner", "user", "contact")
    return csv_export.response(Listing(MESSAGES, request, messages.all))


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def message_change(request: MemberRequest) -> HttpResponse:
    listing = Listing(MESSAGES, request, lambda: SmsMessage.objects.visible_to(request.user))
    return change_page(request, BulkChange.Model.MESSAGE, listing)
