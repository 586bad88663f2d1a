from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from smscenter import stored_files
from smscenter.accounts.http import MemberRequest, member_required, visible
from smscenter.audit.recording import record
from smscenter.exports.models import Archive
from smscenter.exports.permissions import EXPORT_EVERYTHING
from smscenter.exports.tables import tables

owners_only = permission_required(EXPORT_EVERYTHING, raise_exception=True)


@member_required
@owners_only
@require_http_methods(["GET", "HEAD", "POST"])
def data_settings(request: MemberRequest) -> HttpResponse:
    """Start an export of everything, and list those that can be downloaded."""
    if request.method == "POST":
        _start(request)
        return redirect("data_settings")
    rows = list(Archive.objects.visible_to(request.user).kept().order_by("-created"))
    context = {
        "archives": rows,
        "steps": len(list(tables)),
        "in_work": any(not row.is_done for row in rows),
    }
    template = "exports/_archives.html" if request.htmx else "exports/data.html"
    return render(request, template, context)


def _start(request: MemberRequest) -> None:
    try:
        with transaction.atomic():
            Archive.objects.create(organization=request.organization, created_by=request.user)
            record("exported", name="everything")
    except IntegrityError:
        messages.info(request, "An export is already in progress.")


@visible(Archive.objects.all)
@owners_only
@require_safe
def archive_download(request: MemberRequest, archive: Archive) -> HttpResponseBase:
    """Download an export. The link of an email is signed, and no replacement for signing in."""
    if not archive.is_done or archive.kept_until <= timezone.now():
        raise Http404
    if "link" in request.GET and not archive.is_linked_by(request.GET["link"]):
        raise Http404
    name = f"{archive.organization.slug}-{archive.created:%Y-%m-%d}.zip"
    return stored_files.serve(archive.file, name=name, content_type="application/zip")
