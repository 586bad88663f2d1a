from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from messaging.models import SmsMessage
from smscenter.accounts.http import MemberRequest, visible
from smscenter.support.models import SupportRequest, Whitelisting
from smscenter.support.requests import again
from smscenter.support.requests.again import AgainForm


@visible(SupportRequest.objects.all)
@require_http_methods(["GET", "HEAD", "POST"])
def request_try_again(request: MemberRequest, support_request: SupportRequest) -> HttpResponse:
    """Which blocked texts would be tried again and which not, and on POST that."""
    if not Whitelisting.objects.in_use().filter(request=support_request).exists():
        messages.error(request, "This request's number isn't whitelisted right now.")
        return redirect(support_request)
    plan = again.plan(support_request)
    form = AgainForm(request.POST if request.method == "POST" else None, plan)
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data["texts"]
        return _tried(request, support_request, [row for row in plan.tried if row.pk in chosen])
    context = {"support_request": support_request, "plan": plan, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "support/try_again.html", context, status=status)


def _tried(
    request: MemberRequest, support_request: SupportRequest, chosen: list[SmsMessage]
) -> HttpResponse:
    done = again.try_again(chosen, request.user)
    number = len(done.tried)
    if number:
        texts = "1 text" if number == 1 else f"{number} texts"
        messages.success(request, f"Resending {texts}.")
    for left in done.left_out:
        messages.error(request, f"Can't resend the text to {left.message.number}: {left.why}")
    return redirect(support_request)
