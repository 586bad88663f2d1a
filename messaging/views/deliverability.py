from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from messaging.deliverability import around, charts
from messaging.deliverability.filter_form import SEES_ALL, FilterForm
from messaging.deliverability.report import Line, Report
from messaging.models import SmsMessage
from search.answering import csv_export
from smscenter.accounts.http import MemberRequest, member_required, require
from smscenter.database.replica.reading import from_replica


@member_required
@require_safe
@from_replica
def deliverability(request: MemberRequest) -> HttpResponse:
    """Show how texts went: the organization's, or one's own."""
    form, report = _report(request)
    sees_all = request.user.has_perm(SEES_ALL)
    shown: dict[str, Any] = {
        "form": form,
        "report": report,
        "sees_all": sees_all,
        "shows_cost": sees_all and report.has_prices,
        "shows_all": "all" in request.GET,
    }
    if request.htmx.target == "breakdowns":
        return render(request, "messaging/deliverability/_breakdowns.html", shown)
    return render(request, "messaging/deliverability/page.html", shown | _context(request, report))


def _context(request: MemberRequest, report: Report) -> dict[str, Any]:
    context: dict[str, Any] = {
        "has_texts": report.total.outgoing or report.total.received,
        "volume": charts.volume(report.buckets, report.links),
        "received": charts.received(report.buckets, report.links),
        "hours": charts.by_hour(report.hours),
        "over_time": [charts.row(bucket, tally, report.links) for bucket, tally in report.buckets],
    }
    if not context["has_texts"]:
        context["is_new"] = not SmsMessage.objects.visible_to(request.user).exists()
    if request.user.has_perm(SEES_ALL) and not report.filters:
        context |= _around(report)
    return context


@member_required
@require_safe
def deliverability_export(request: MemberRequest) -> StreamingHttpResponse:
    """Download the tables of the page as one file."""
    require(request, "leads.export_leads")
    _, report = _report(request)
    sees_all = request.user.has_perm(SEES_ALL)
    columns = COLUMNS | (MONEY if sees_all else {})
    lines = csv_export.lines(_rows(report, with_users=sees_all), columns)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"deliverability-{report.period.first}-{report.period.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _report(request: MemberRequest) -> tuple[FilterForm, Report]:
    form = FilterForm(request.GET, request.organization, request.user)
    period = form.chosen_period
    report = Report(
        request.organization,
        period,
        form.filters,
        request.user.zone,
        period.compared(form.comparison),
    )
    return form, report


def _around(report: Report) -> dict[str, Any]:
    organization, period = report.organization, report.period
    compared = report.compared
    opt_outs, *before = around.opt_outs(organization, *filter(None, [period, compared]))
    return {
        "opt_outs": opt_outs,
        "opt_outs_before": before[0] if before else None,
        "whitelistings": around.whitelisted(organization, period),
        "new_reasons": around.new_reasons(organization, period.last),
        "saved": around.saved(organization, period, report.prices),
    }


Row = tuple[str, Line]
COLUMNS: dict[str, Callable[[Row], Any]] = {
    "Table": lambda row: row[0],
    "Value": lambda row: row[1].label,
    "Sent": lambda row: row[1].tally.sent,
    "Failed": lambda row: row[1].tally.failed,
    "Failure rate (%)": lambda row: round(100 * row[1].tally.rate, 2),
    "Previous failure rate (%)": lambda row: round(100 * row[1].before.rate, 2),
    "Received": lambda row: row[1].tally.received,
}
MONEY: dict[str, Callable[[Row], Any]] = {
    "Cost of failed texts (USD)": lambda row: "" if row[1].cost is None else float(row[1].cost)
}


def _rows(report: Report, *, with_users: bool) -> Iterator[Row]:
    for bucket, tally in report.buckets:
        yield "Over time", charts.row(bucket, tally, report.links)
    tables = {
        "Reason": report.reasons,
        "Sender number": report.sender_lines,
        "Carrier": report.carriers,
        "User": report.users if with_users else [],
        "Template": report.templates,
        "Hour": report.hours,
    }
    for name, lines in tables.items():
        for line in lines:
            yield name, line
