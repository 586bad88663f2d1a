from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from messaging.views.texting_form import TextingForm, reply_previews
from smscenter.accounts.http import MemberRequest, member_required
from smscenter.accounts.roles import MANAGE_ORGANIZATION


@member_required
@permission_required(MANAGE_ORGANIZATION, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def texting_settings(request: MemberRequest) -> HttpResponse:
    """Change the rules for texting. The page posts `preview` while people type a reply."""
    organization = request.organization
    form = TextingForm(request.POST or None, instance=organization)
    is_preview = "preview" in request.POST
    if form.is_bound and not is_preview and form.is_valid():
        form.save()
        messages.success(request, "Texting rules saved.")
        return redirect("texting_settings")
    written = request.POST if form.is_bound else form.initial
    replies = str(written.get("help_reply", "")), str(written.get("opt_out_reply", ""))
    context = {"form": form, "previews": reply_previews(organization, *replies)}
    if is_preview and request.htmx:
        return render(request, "messaging/settings/_reply_previews.html", context)
    status = 422 if form.is_bound and not is_preview else 200
    return render(request, "messaging/settings/texting.html", context, status=status)
