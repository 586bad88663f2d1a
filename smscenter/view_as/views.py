from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from smscenter.view_as import session
from smscenter.view_as.middleware import forget_pages

DEFAULT_MINUTES = 30
MINUTES = [(10, "10 minutes"), (DEFAULT_MINUTES, "30 minutes"), (60, "1 hour")]


class ViewAsForm(forms.Form):
    reason = forms.CharField(
        max_length=200, help_text="The organization's owners see this in their audit log."
    )
    minutes = forms.TypedChoiceField(
        label="For", choices=MINUTES, coerce=int, initial=DEFAULT_MINUTES
    )


def view_as(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why and for how long, and start to view as a member."""
    person = session.member(pk) if session.may_view_as(request.user) else None
    if person is None:
        raise Http404
    initial: dict[str, Any] = {"reason": request.GET.get("reason", "")[:200]}
    form = ViewAsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            session.start(request, person, **form.cleaned_data)
        return forget_pages(redirect("home"))
    context = {"form": form, "person": person, "has_ended": "ended" in request.GET}
    status = 422 if form.is_bound else 200
    return render(request, "view_as/start.html", context, status=status)


@require_POST
def view_as_stop(request: HttpRequest) -> HttpResponse:
    """Stop viewing as a member."""
    person = session.end(request)
    if person is not None:
        messages.success(request, f"You're no longer viewing as {person}.")
    return forget_pages(redirect("home"))
