from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from messaging.models import SmsMessage
from smscenter.accounts.http import MemberRequest, visible
from smscenter.support.models import SupportRequest, Whitelisting
from smscenter.support.requests import resend
from smscenter.support.requests.forms import ResendForm


@visible(SupportRequest.objects.all)
@require_http_methods(["GET", "HEAD", "POST"])
def request_resend(request: MemberRequest, support_request: SupportRequest) -> HttpResponse:
    """Show which blocked texts can be resent. A POST resends them."""
    if not Whitelisting.objects.in_use().filter(request=support_request).exists():
        messages.error(request, "This request's number isn't whitelisted right now.")
        return redirect(support_request)
    plan = resend.plan(support_request)
    form = ResendForm(request.POST if request.method == "POST" else None, plan)
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data["texts"]
        return _resend(request, support_request, [row for row in plan.texts if row.pk in chosen])
    context = {"support_request": support_request, "plan": plan, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "support/resend.html", context, status=status)


def _resend(
    request: MemberRequest, support_request: SupportRequest, chosen: list[SmsMessage]
) -> HttpResponse:
    done = resend.resend(chosen, request.user)
    number = len(done.texts)
    if number:
        texts = "1 text" if number == 1 else f"{number} texts"
        messages.success(request, f"Resending {texts}.")
    if number := len(done.held):
        texts = "1 text waits" if number == 1 else f"{number} texts wait"
        messages.info(request, f"{texts} until quiet hours are over for the recipient.")
    for skipped in done.skipped:
        messages.error(request, f"Can't resend the text to {skipped.message.number}: {skipped.why}")
    return redirect(support_request)
