"""Read-only members change nothing: what isn't listed here is refused, also on new pages.

So do all members of an organization that's going to be deleted.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from smscenter.accounts.models import User

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
# Their own account, and what they have seen.
ALLOWED = {
    "profile",
    "theme",
    "sign_out",
    "admin_sign_out",
    "account_change_password",
    "account_email",
    "account_reauthenticate",
    "account_reset_password",
    "account_reset_password_from_key",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_add_webauthn",
    "mfa_remove_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "usersessions_list",
    "notification_settings",
    "notification_open",
    "notification_read_all",
    "list_columns",
}
WHY = "You have read-only access. Ask an owner to change your role."
# Owners of an organization that's going to be deleted.
ALLOWED_TO_OWNERS = {"organization_keep", "data_settings"}


class ReadOnlyMiddleware:
    """Refuse requests of read-only members that could change something."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        user = request.user
        if request.method in SAFE_METHODS or not isinstance(user, User) or not user.is_read_only:
            return None
        match = request.resolver_match
        is_owner = user.role == User.Role.OWNER
        allowed = ALLOWED | ALLOWED_TO_OWNERS if is_owner else ALLOWED
        if match is not None and match.view_name in allowed:
            return None
        raise PermissionDenied(WHY)
