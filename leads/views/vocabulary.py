"""Pages on which managers change the statuses and the custom fields of leads."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.forms import ModelForm
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leads.changing import removing
from leads.models import CustomField, LeadStatus
from leads.models.vocabulary import Vocabulary
from leads.permissions import MANAGE_FIELDS
from leads.vocabulary_forms import CustomFieldForm, LeadStatusForm, RemoveStatusForm
from smscenter.accounts.http import MemberRequest, member_required, visible
from smscenter.wording import quote

managers_only = permission_required(MANAGE_FIELDS, raise_exception=True)


def even_removed(
    model: type[Vocabulary],
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Pass the row in the URL to the view, also if it was removed."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def gate(request: MemberRequest, pk: int) -> HttpResponseBase:
            rows = model._default_manager.filter(organization=request.organization)
            return view(request, get_object_or_404(rows, pk=pk))

        return member_required(gate)

    return decorate


@member_required
@managers_only
@require_safe
def status_list(request: MemberRequest) -> HttpResponse:
    context = {
        "rows": LeadStatus.objects.visible_to(request.user),
        "removed": LeadStatus.objects.removed_of(request.organization),
    }
    return render(request, "leads/settings/status_list.html", context)


@member_required
@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def status_new(request: MemberRequest) -> HttpResponse:
    status = LeadStatus(organization=request.organization)
    return _edited(request, LeadStatusForm(request.POST or None, instance=status), "status_list")


@visible(LeadStatus.objects.all)
@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def status_edit(request: MemberRequest, status: LeadStatus) -> HttpResponse:
    return _edited(request, LeadStatusForm(request.POST or None, instance=status), "status_list")


@visible(LeadStatus.objects.all)
@managers_only
@require_POST
def status_move(request: MemberRequest, status: LeadStatus) -> HttpResponse:
    return _moved(request, status, "status_list")


@visible(LeadStatus.objects.all)
@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def status_remove(request: MemberRequest, status: LeadStatus) -> HttpResponse:
    """Say what happens to the leads, and ask which status they get."""
    form = RemoveStatusForm(request.POST or None, status=status)
    if form.is_valid():
        if removing.remove_status(status, form.cleaned_data["replacement"], request.user):
            done = f"Removed {quote(str(status))}. You can restore it for 30 days."
            messages.success(request, done)
        else:
            messages.error(request, "One of these statuses was removed meanwhile. Nothing changed.")
        return redirect("status_list")
    is_last = not LeadStatus.objects.visible_to(request.user).exclude(pk=status.pk).exists()
    context = {
        "form": form,
        "row": status,
        "leads": removing.leads_with(status),
        "is_last": is_last,
    }
    code = 422 if form.is_bound else 200
    return render(request, "leads/settings/status_remove.html", context, status=code)


@even_removed(LeadStatus)
@managers_only
@require_POST
def status_restore(request: MemberRequest, status: LeadStatus) -> HttpResponse:
    if status.removed:
        removing.restore_status(status, request.user)
    messages.success(request, f"Restored {quote(str(status))}.")
    return redirect("status_list")


@member_required
@managers_only
@require_safe
def field_list(request: MemberRequest) -> HttpResponse:
    context = {
        "rows": CustomField.objects.visible_to(request.user),
        "removed": CustomField.objects.removed_of(request.organization),
    }
    return render(request, "leads/settings/field_list.html", context)


@member_required
@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def field_new(request: MemberRequest) -> HttpResponse:
    field = CustomField(organization=request.organization)
    return _edited(request, CustomFieldForm(request.POST or None, instance=field), "field_list")


@visible(CustomField.objects.all)
@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def field_edit(request: MemberRequest, field: CustomField) -> HttpResponse:
    return _edited(request, CustomFieldForm(request.POST or None, instance=field), "field_list")


@visible(CustomField.objects.all)
@managers_only
@require_POST
def field_move(request: MemberRequest, field: CustomField) -> HttpResponse:
    return _moved(request, field, "field_list")


@visible(CustomField.objects.all)
@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def field_remove(request: MemberRequest, field: CustomField) -> HttpResponse:
    if request.method == "POST":
        removing.remove_field(field)
        messages.success(request, f"Removed {quote(str(field))}. You can restore it for 30 days.")
        return redirect("field_list")
    context = {"row": field, "leads": removing.leads_with(field)}
    return render(request, "leads/settings/field_remove.html", context)


@even_removed(CustomField)
@managers_only
@require_POST
def field_restore(request: MemberRequest, field: CustomField) -> HttpResponse:
    if field.removed:
        removing.restore(field)
    messages.success(request, f"Restored {quote(str(field))}.")
    return redirect("field_list")


def _edited(
    request: MemberRequest, form: "ModelForm[LeadStatus] | ModelForm[CustomField]", page: str
) -> HttpResponse:
    if form.is_valid():
        row = form.save()
        messages.success(request, f"Saved {quote(str(row))}.")
        return redirect(page)
    context = {"form": form, "page": page}
    status = 422 if form.is_bound else 200
    return render(request, "leads/settings/edit.html", context, status=status)


def _moved(request: MemberRequest, row: LeadStatus | CustomField, page: str) -> HttpResponse:
    """Move a row by one, or to the index at which it was dropped."""
    rows = list(type(row).objects.visible_to(request.user).values_list("pk", flat=True))
    here, index = rows.index(row.pk), request.POST.get("index", "")
    step = -1 if request.POST.get("to") == "up" else 1
    row.move_to(int(index) if index.isdecimal() and len(index) < 10 else here + step)
    return redirect(page)
