from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from smscenter.accounts.models import User


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Each person's first page: reps and managers work in leads, staff in the admin."""
    user = cast("User", request.user)
    return redirect("lead_list" if user.organization_id else "admin:index")
