"""Log each request with its ID, user, and organization."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.functional import SimpleLazyObject, empty
from django_structlog.middlewares import RequestMiddleware

from smscenter.accounts.models import User
from smscenter.client_address import client_address
from smscenter.request_id import WELL_FORMED, current_request_id

LONGEST_PATH = 200


class RequestLogMiddleware(RequestMiddleware):
    """Log refused and failed requests with user, organization, address, and request ID.

    Don't log query strings or forms: they contain phone numbers.
    """

    def prepare(self, request: HttpRequest) -> None:
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        if not (settings.TRUSTED_PROXIES and WELL_FORMED.fullmatch(sent)):
            request.META.pop("HTTP_X_REQUEST_ID", None)
        super().prepare(request)

    def process_view(
        self, request: HttpRequest, _view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> None:
        """Add the user to the view's own log lines."""
        if request.user.is_authenticated:
            self.bind_user_id(request)

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        response["X-Request-ID"] = current_request_id()
        super().handle_response(request, response)

    def _log_level_for_status_code(self, status_code: int) -> int:
        if status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
            # A form with errors is shown again. That isn't a refusal.
            return logging.DEBUG
        return super()._log_level_for_status_code(status_code)

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        structlog.contextvars.bind_contextvars(ip=client_address(request))

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path[:LONGEST_PATH]}"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """Bind the user if already loaded: loading fails while the database is down."""
        user = getattr(request, "user", None)
        if isinstance(user, SimpleLazyObject) and user._wrapped is empty:
            return
        if user is not None and user.is_authenticated:
            person: User = user
            structlog.contextvars.bind_contextvars(
                user_id=person.pk, organization_id=person.organization_id
            )


def server_error(_request: HttpRequest) -> HttpResponse:
    """Show an error page with the request ID to search the log for."""
    page = loader.get_template("500.html").render({"reference": current_request_id()})
    return HttpResponse(page, status=HTTPStatus.INTERNAL_SERVER_ERROR)
