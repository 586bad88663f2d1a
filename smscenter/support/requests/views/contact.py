from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from messaging.models import SmsMessage
from smscenter.accounts.http import MemberRequest, member_required
from smscenter.support.requests.forms import AboutForm, ContactForm


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def contact_support(request: HttpRequest) -> HttpResponseBase:
    """Ask support a question. Signed-out visitors see a sign-in link and the email address."""
    if request.user.is_authenticated:
        return _ask(request)
    context = {"next": request.get_full_path(), "address": settings.SUPPORT_EMAIL}
    return render(request, "support/contact_closed.html", context)


@member_required
def _ask(request: MemberRequest) -> HttpResponse:
    about = AboutForm(request.GET, request.user)
    if not about.is_valid():
        raise Http404
    message: SmsMessage | None = about.cleaned_data["message"]
    form = ContactForm(request.POST or None, user=request.user, message=message)
    if form.is_bound and form.is_valid():
        return redirect(form.send_once())
    context = {"form": form, "message": message}
    status = 422 if form.is_bound else 200
    return render(request, "support/contact_form.html", context, status=status)
