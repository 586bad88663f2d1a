from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.views import LogoutView
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from smscenter import moments
from smscenter.accounts.forms import ProfileForm
from smscenter.accounts.models import User
from smscenter.accounts.pages.first_steps import checklist_for
from smscenter.accounts.pages.home import Work, sections_in_order
from smscenter.accounts.pages.profile_facts import profile_facts_of
from smscenter.accounts.pages.settings_pages import settings_pages_for
from smscenter.accounts.roles import RANKS, role_permissions
from smscenter.own_urls import own_url

NOON, EVENING = 12, 18  # o'clock


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show members what needs them, and redirect staff to the queue or the admin."""
    user = cast("User", request.user)
    if not user.organization_id:
        is_support = user.has_perm("support.change_supportrequest") and not user.is_superuser
        return redirect("review_queue" if is_support else "admin:index")
    now = timezone.localtime()
    work = Work(user, is_team=user.is_manager and "team" in request.GET)
    context = {
        "checklist": checklist_for(user),
        "work": work,
        "greeting": greeting(now),
        "today": moments.full_day(now),
        "sections": [(section, section.read(work)) for section in sections_in_order()],
    }
    return render(request, "accounts/home.html", context)


def greeting(now: datetime) -> str:
    if now.hour < NOON:
        return "Good morning"
    return "Good afternoon" if now.hour < EVENING else "Good evening"


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Let people change how they're shown, their time zone, and their theme."""
    # A copy: an invalid form must not change the name in the navigation.
    user = User.objects.get(pk=cast("User", request.user).pk)
    form = ProfileForm(request.POST or None, instance=user)
    if form.is_valid():
        with transaction.atomic():
            form.save()
        messages.success(request, "Profile saved.")
        return redirect("profile")
    context = {"form": form, "facts": profile_facts_of(user)}
    status = 422 if form.is_bound else 200
    return render(request, "accounts/profile.html", context, status=status)


@require_GET
def settings(request: HttpRequest) -> HttpResponse:
    """List the settings pages that the member may open."""
    pages = settings_pages_for(cast("User", request.user))
    return render(request, "accounts/settings/index.html", {"pages": pages})


@require_GET
def roles(request: HttpRequest) -> HttpResponse:
    """Say in a table what each role can do."""
    rows = []
    for permission in sorted(role_permissions, key=lambda each: RANKS.index(each.least)):
        least = RANKS.index(permission.least)
        may = [(role.label, rank >= least) for rank, role in enumerate(RANKS)]
        rows.append((permission.sentence, may))
    context = {"roles": [role.label for role in RANKS], "rows": rows}
    return render(request, "accounts/settings/roles.html", context)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Set the theme, and go back to the page on which it was chosen."""
    chosen = request.POST.get("theme")
    if chosen not in User.Theme.values:
        return HttpResponseBadRequest("Unknown theme.")
    User.objects.filter(pk=cast("User", request.user).pk).update(theme=chosen)
    return redirect(own_url(request, request.META.get("HTTP_REFERER", ""), "profile"))


@require_GET
def shortcuts(request: HttpRequest) -> HttpResponse:
    """List the keyboard shortcuts. With JavaScript, “?” shows the same list on any page."""
    return render(request, "accounts/shortcuts.html")


class SignOutView(LogoutView):
    """Sign out and clear the browser's cached pages, which Back would show."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().dispatch(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache"'
        return response
