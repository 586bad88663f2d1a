"""The admin's index: our tables first, and at the end those of libraries that people use."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.db.models import DateTimeField, ForeignKey, Model
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.defaults import bad_request

from search.language.errors import Code, QueryError
from search.limits import time_limit
from smscenter.database.row_ids import row_id
from smscenter.database.timeouts import too_slow

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

# Groups with permissions, wrong passwords, and authenticators.
SIGNING_IN = ("auth", "axes", "mfa")
# Emails being changed, sessions, and finished tasks: only the libraries read and write them.
HIDDEN = ("account", "usersessions", "django_tasks_database")


class Administration(AdminSite):
    site_header = site_title = "SMS Center administration"

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Limit the time of searches and of other pages that only read."""

        # The admin of a table, if this is its page for a new row.
        adding = getattr(view, "__self__", None) if view.__name__ == "add_view" else None

        @wraps(view)
        def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in {"GET", "HEAD"}:
                return view(request, *args, **kwargs)
            if adding is not None:
                request.GET = readable(request.GET, adding.model)  # type: ignore[assignment]
            try:
                with time_limit("admin", request.GET.get("q", "")):
                    response = view(request, *args, **kwargs)
                    return response.render() if isinstance(response, TemplateResponse) else response
            except QueryError as error:
                if error.problem.code is Code.TOO_SLOW:
                    return too_slow()
                return bad_request(request, error)

        return super().admin_view(cast("View", limited), cacheable)

    def get_app_list(
        self,
        request: HttpRequest,
        app_label: str | None = None,
    ) -> list[dict[str, Any]]:
        shelves = super().get_app_list(request, app_label)
        if app_label is not None:
            return shelves
        own = [shelf for shelf in shelves if shelf["app_label"] not in {*SIGNING_IN, *HIDDEN}]
        others = [shelf for shelf in shelves if shelf["app_label"] in SIGNING_IN]
        if not others:
            return own
        tables = [model for shelf in others for model in shelf["models"]]
        return [*own, others[0] | {"name": "Signing in", "models": tables}]


def readable(given: QueryDict, model: type[Model]) -> QueryDict:
    """Return what a link fills in on a page for a new row, without values that Django fails on."""
    kept = given.copy()
    for field in model._meta.concrete_fields:
        is_no_row = isinstance(field, ForeignKey) and row_id(given.get(field.name, "")) is None
        if is_no_row or isinstance(field, DateTimeField):
            kept.pop(field.name, None)
    return kept
