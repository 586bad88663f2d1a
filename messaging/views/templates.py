"""Pages of templates. Managers change shared ones, and everyone their own."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leads.models import CustomField
from messaging.composing import templates
from messaging.composing.template_form import MessageTemplateForm, previews
from messaging.models import MessageTemplate
from smscenter.accounts.http import MemberRequest, member_required, visible
from smscenter.wording import quote


def editable(
    view: Callable[[MemberRequest, MessageTemplate], HttpResponse],
) -> Callable[[MemberRequest, MessageTemplate], HttpResponse]:
    """Let the owner change a template, or managers if it's shared. 403 for other readers."""

    @wraps(view)
    def gate(request: MemberRequest, template: MessageTemplate) -> HttpResponse:
        if not template.is_editable_by(request.user):
            raise PermissionDenied
        return view(request, template)

    return gate


@member_required
@require_safe
def template_list(request: MemberRequest) -> HttpResponse:
    rows = list(MessageTemplate.objects.visible_to(request.user))
    in_use = [row for row in rows if row.archived is None]
    context = {
        "shared": [row for row in in_use if row.owner_id is None],
        "own": [row for row in in_use if row.owner_id],
        "archived": [row for row in rows if row.archived and row.is_editable_by(request.user)],
    }
    return render(request, "messaging/template_list.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def template_new(request: MemberRequest) -> HttpResponse:
    return _edited(request, MessageTemplate(organization=request.organization))


@visible(MessageTemplate.objects.all)
@require_http_methods(["GET", "HEAD", "POST"])
@editable
def template_edit(request: MemberRequest, template: MessageTemplate) -> HttpResponse:
    return _edited(request, template)


@visible(MessageTemplate.objects.all)
@require_POST
@editable
def template_move(request: MemberRequest, template: MessageTemplate) -> HttpResponse:
    template.move(-1 if request.POST.get("to") == "up" else 1)
    return redirect("template_list")


@visible(MessageTemplate.objects.all)
@require_POST
@editable
def template_archive(request: MemberRequest, template: MessageTemplate) -> HttpResponse:
    template.archive()
    messages.success(request, f"Archived {quote(template.name)}. You can restore it below.")
    return redirect("template_list")


@visible(MessageTemplate.objects.all)
@require_POST
@editable
def template_restore(request: MemberRequest, template: MessageTemplate) -> HttpResponse:
    template.restore()
    messages.success(request, f"Restored {quote(template.name)}.")
    return redirect("template_list")


def _edited(request: MemberRequest, template: MessageTemplate) -> HttpResponse:
    """Save the form, or show it with previews. The button Preview posts it without saving."""
    custom_fields = list(CustomField.objects.visible_to(request.user))
    form = MessageTemplateForm(
        request.POST or None, instance=template, user=request.user, custom_fields=custom_fields
    )
    is_preview = "preview" in request.POST
    if form.is_bound and not is_preview and form.is_valid() and _saved(form):
        messages.success(request, f"Saved {quote(template.name)}.")
        return redirect("template_list")
    text = request.POST.get("text", "") if form.is_bound else template.text
    context = {
        "form": form,
        "template": template,
        "previews": previews(text, request.user, custom_fields),
        "placeholders": templates.known_placeholders(custom_fields),
    }
    if is_preview and request.htmx:
        return render(request, "messaging/_template_preview.html", context)
    status = 422 if form.is_bound and not is_preview else 200
    return render(request, "messaging/template_form.html", context, status=status)


def _saved(form: MessageTemplateForm) -> bool:
    """Save the form, unless someone just used its name."""
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError:
        form.add_error("name", "There's already a template with this name.")
        return False
    return True
