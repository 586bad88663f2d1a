from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leads.models import LeadImport
from leads.views.imports import LONGEST, may_import, upload_page
from messaging.models import OptOut
from smscenter.accounts.http import MemberRequest, member_required, visible
from smscenter.audit.recording import record
from smscenter.middleware.limits import longest_body

MOST_TO_REVIEW = 50
MOST_DECIDED = 20


@member_required
@require_safe
def opt_out_list(request: MemberRequest) -> HttpResponse:
    """Show texts that may be opt-outs, the oldest first, and the latest decisions."""
    rows = OptOut.objects.visible_to(request.user).for_list()
    context = {
        "opt_outs": rows.to_review()[:MOST_TO_REVIEW],
        "decided": rows.exclude(decided=None).order_by("-decided")[:MOST_DECIDED],
    }
    return render(request, "messaging/opt_out_list.html", context)


@visible(OptOut.objects.all)
@require_POST
def opt_out_decide(request: MemberRequest, opt_out: OptOut) -> HttpResponse:
    """Record whether a text is an opt-out, as a person who read it decided."""
    is_opt_out = request.POST.get("decision") == "opt_out"
    with transaction.atomic():
        if is_first := opt_out.decide(request.user, is_opt_out=is_opt_out):
            note = "it's an opt-out" if is_opt_out else "it isn't an opt-out"
            record("opt_out_decided", opt_out, note=note)
    if not is_first:
        messages.info(request, "Someone already decided about this text.")
    elif is_opt_out:
        messages.success(request, "Opted out. We won't send more texts to this number.")
    else:
        messages.success(request, "Marked as not an opt-out.")
    return redirect("opt_out_list")


@longest_body(LONGEST)
@member_required
@may_import
@require_http_methods(["GET", "HEAD", "POST"])
def opt_out_import(request: MemberRequest) -> HttpResponse:
    """Upload a list of people who opted out, and list earlier ones."""
    return upload_page(request, LeadImport.Kind.OPT_OUTS)
