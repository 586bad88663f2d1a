"""Delete a lead, and restore it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from leads.changing import deleting
from leads.models import DeletedLead, Lead
from smscenter import undo
from smscenter.accounts.http import MemberRequest, member_required, visible

MOST = 200


@visible(Lead.objects.all)
@require_POST
def lead_delete(request: MemberRequest, lead: Lead) -> HttpResponse:
    deleted = deleting.delete(lead, request.user)
    undo.notify(request, undo.offer(request, f"{lead} deleted.", "lead deletion", deleted.pk))
    return redirect("lead_list")


@member_required
@require_GET
def lead_deleted(request: MemberRequest) -> HttpResponse:
    """List the leads that can be restored, the last deleted first."""
    rows = DeletedLead.objects.visible_to(request.user).restorable()
    rows = rows.select_related("lead", "user").order_by("-created", "-pk")
    return render(request, "leads/deleted_list.html", {"rows": rows[:MOST]})


@visible(lambda: DeletedLead.objects.select_related("lead"))
@require_POST
def lead_restore(request: MemberRequest, deleted: DeletedLead) -> HttpResponse:
    if not deleting.restore(deleted, request.user):
        messages.error(request, deleting.TOO_LATE)
        return redirect("lead_deleted")
    messages.success(request, f"{deleted.lead} restored.")
    return redirect(deleted.lead)
