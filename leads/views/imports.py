"""Import leads from a file: upload, match columns, check, import, and undo."""

from http import HTTPStatus
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from leads.imports import actions, problems, reading, rows, work
from leads.imports.forms import LARGEST, ColumnsForm, FormatForm, UploadForm
from leads.imports.kinds import import_kinds, kind_of
from leads.models import ImportRow, LeadImport
from search.answering import csv_export
from search.answering.paging import CursorError, Order, page_of
from smscenter.accounts.http import MemberRequest, member_required, visible
from smscenter.middleware.limits import longest_body

State = LeadImport.State

IN_ORDER = Order.by("number")
PAGE = 50
MOST_LISTED = 50
MOST_KEPT = 200
# What's done before the response; the rest is for a worker. Larger files are left to it entirely.
SECONDS = 0.5
SMALL = 1024 * 1024
TOO_LATE = "That's no longer possible. This page shows the current state."
may_import = permission_required("leads.import_leads", raise_exception=True)
# Room for the rest of the form.
LONGEST = LARGEST + 1024 * 1024
MOVES = {
    "start": actions.start,
    "change": actions.change,
    "cancel": actions.cancel,
    "resume": actions.resume,
    "undo": actions.undo,
}


@longest_body(LONGEST)
@member_required
@may_import
@require_http_methods(["GET", "HEAD", "POST"])
def lead_import_list(request: MemberRequest) -> HttpResponse:
    """Upload a file of leads, and list earlier imports."""
    return upload_page(request, LeadImport.Kind.LEADS)


def upload_page(request: MemberRequest, kind: LeadImport.Kind) -> HttpResponse:
    form = UploadForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        organization=request.organization,
        initial={"form_token": uuid4()},
    )
    if form.is_bound and form.is_valid():
        return redirect(_upload(request, form, kind))
    rows = LeadImport.objects.visible_to(request.user).for_list().filter(kind=kind)
    context = {
        "form": form,
        "kind": import_kinds.by_key[kind],
        "is_of_leads": kind == LeadImport.Kind.LEADS,
        "imports": rows.order_by("-created", "-pk")[:MOST_LISTED],
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "leads/import_list.html", context, status=status)


def _upload(request: MemberRequest, form: UploadForm, kind: LeadImport.Kind) -> LeadImport:
    """Store the file, once. A small one is read now."""
    token, file = form.cleaned_data["form_token"] or uuid4(), form.cleaned_data["file"]
    rows = LeadImport.objects.filter(organization=request.organization, form_token=token)
    if earlier := rows.first():
        return earlier
    job = actions.upload(
        request.organization, request.user, file, file.name, kind=kind, form_token=token
    )
    if file.size <= SMALL:
        work.work(job, SECONDS)
    return job


@visible(LeadImport.objects.for_page)
@may_import
@require_GET
def lead_import_detail(request: MemberRequest, job: LeadImport) -> HttpResponse:
    """Show what's next, the progress, or the result. htmx only gets what changes by itself."""
    if request.htmx and not request.htmx.boosted:
        if request.GET.get("state") != job.state:
            return HttpResponseClientRefresh()
        return render(request, "leads/_import_progress.html", {"job": job})
    if job.state == State.MAPPING:
        return _columns_page(request, job, ColumnsForm(job=job, user=request.user))
    code = request.GET.get("problem", "")
    rows = job.problems.filter(code=code) if code else job.problems.all()
    try:
        page = page_of(
            rows.order_by(),
            IN_ORDER,
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
            size=PAGE,
        )
    except CursorError:
        return redirect(job)
    for problem in page.rows:
        problem.heading = _heading(job, problem.column)  # type: ignore[attr-defined]
    context = {
        "job": job,
        "kind": kind_of(job),
        "page": page,
        "code": code,
        "lines": problems.lines(job),
        "kept": _kept(request, job),
    }
    return render(request, "leads/import_detail.html", context)


def _heading(job: LeadImport, column: int | None) -> str:
    return "" if column is None else job.header[column] or f"Column {column + 1}"


def _kept(request: MemberRequest, job: LeadImport) -> list[ImportRow]:
    """Return what wasn't undone."""
    rows = ImportRow.objects.visible_to(request.user).filter(lead_import=job)
    return list(rows.exclude(kept="").select_related("lead").order_by("number")[:MOST_KEPT])


def _columns_page(request: MemberRequest, job: LeadImport, form: ColumnsForm) -> HttpResponse:
    context = {"job": job, "kind": kind_of(job), "form": form, "format": FormatForm(job=job)}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "leads/import_columns.html", context, status=status)


@visible(LeadImport.objects.for_page)
@may_import
@require_POST
def lead_import_columns(request: MemberRequest, job: LeadImport) -> HttpResponse:
    """Store what the columns are, and check the rows."""
    if job.state != State.MAPPING:
        messages.error(request, TOO_LATE)
        return redirect(job)
    form = ColumnsForm(request.POST, job=job, user=request.user)
    if not form.is_valid():
        return _columns_page(request, job, form)
    actions.check(form.apply())
    work.work(job, SECONDS)
    return redirect(job)


@visible(LeadImport.objects.for_page)
@may_import
@require_POST
def lead_import_format(request: MemberRequest, job: LeadImport) -> HttpResponse:
    """Read the file in another way."""
    form = FormatForm(request.POST, job=job)
    if job.state != State.MAPPING or not form.is_valid() or not rows.exist(job):
        messages.error(request, TOO_LATE)
        return redirect(job)
    chosen = form.cleaned_data
    former = {name: getattr(job, name) for name in ("encoding", "delimiter")}
    if job.encoding and former != {name: chosen[name] for name in former}:
        actions.read_again(job, encoding=chosen["encoding"], delimiter=chosen["delimiter"])
        work.work(job, SECONDS)
    else:
        reading.turn_header(job, has_header=chosen["has_header"])
        job.save()
    return redirect(job)


@visible(LeadImport.objects.for_page)
@may_import
@require_POST
def lead_import_move(request: MemberRequest, job: LeadImport) -> HttpResponse:
    """Start, cancel, resume, undo, or discard it, or go back to the columns."""
    move = request.POST.get("move", "")
    if move == "discard" and actions.discard(job):
        messages.success(request, "Discarded. Nothing was imported.")
        return redirect(kind_of(job).page)
    if not rows.exist(job):
        messages.error(request, work.LOST)
    elif move not in MOVES or not MOVES[move](job):
        messages.error(request, TOO_LATE)
    elif job.total < work.CHUNK:
        work.work(job, SECONDS)
    return redirect(job)


@visible(LeadImport.objects.for_page)
@may_import
@require_GET
def lead_import_problems(request: MemberRequest, job: LeadImport) -> StreamingHttpResponse:
    """Download the rows that were left out, or all with problems, with the reasons."""
    only_rejected = request.GET.get("rows") != "all"
    rows = problems.bad_rows(job, only_rejected=only_rejected) if job.has_rows else iter(())
    name = "left-out-rows.csv" if only_rejected else "rows-with-problems.csv"
    return StreamingHttpResponse(
        csv_export.lines(rows, problems.columns(job), timezone.get_current_timezone()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
