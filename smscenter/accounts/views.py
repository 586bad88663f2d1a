from typing import Any, cast

from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from smscenter.accounts.models import User


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Redirect members to leads, support staff to the queue, administrators to the admin."""
    user = cast("User", request.user)
    if user.organization_id:
        return redirect("lead_list")
    is_support = user.has_perm("support.change_supportrequest") and not user.is_superuser
    return redirect("review_queue" if is_support else "admin:index")


class SignOutView(LogoutView):
    """Sign out and clear the browser's cached pages, which Back would show."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().dispatch(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache"'
        return response
