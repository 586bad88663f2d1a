from typing import cast

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from smscenter import stored_files
from smscenter.accounts.http import MemberRequest, visible
from smscenter.accounts.models import User
from smscenter.support.models import Evidence
from smscenter.support.models.history import record_edit
from smscenter.support.models.states import State


def evidence_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    user = cast("User", request.user)
    return _serve(request, get_object_or_404(Evidence.objects.readable_by(user), pk=pk))


@require_safe
def _serve(_request: HttpRequest, found: Evidence) -> FileResponse:
    return stored_files.serve(found.file, name=found.name, content_type=found.content_type)


@visible(lambda: Evidence.objects.select_related("request"))
@require_POST
@transaction.atomic
def evidence_delete(request: MemberRequest, found: Evidence) -> HttpResponse:
    support_request = found.request.lock()
    if not support_request.status.is_editable:
        messages.error(
            request, "This request was already submitted, so you can't remove its files."
        )
        return redirect(support_request)
    found.delete()
    support_request.save(update_fields=["updated"])
    if support_request.status is State.MORE_INFORMATION:
        record_edit(support_request, request.user, [f"{found.name} removed"])
    messages.success(request, f"{found.name} removed.")
    return redirect(support_request)
