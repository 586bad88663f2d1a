from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest

from smscenter.accounts.models import User
from smscenter.accounts.roles import role_may, role_permissions
from smscenter.database.prepared import Prepared, PreparedRows

# Accounts with the same email, which administrators can create.
MOST_WITH_ONE_EMAIL = 3


def accounts_named(name: str) -> list[User]:
    """Return the user with this username, or the active ones with this email."""
    if user := User.objects.filter(username=name).first():
        return [user]
    return accounts_with_email(name) if "@" in name else []


def accounts_with_email(email: str) -> list[User]:
    """Return the active users with this email, however it's capitalized."""
    found = User.objects.filter(email__iexact=email, is_active=True).order_by("pk")
    return list(found[:MOST_WITH_ONE_EMAIL])


@PreparedRows
def _users(user: int) -> QuerySet[User]:
    return User.objects.select_related("organization").filter(pk=user)


@Prepared
def _own_permissions(user: int) -> QuerySet[Permission, Any]:
    return _names(Permission.objects.filter(user=user))


@Prepared
def _group_permissions(user: int) -> QuerySet[Permission, Any]:
    return _names(Permission.objects.filter(group__user=user))


def _names(permissions: QuerySet[Permission]) -> QuerySet[Permission, Any]:
    return permissions.values_list("content_type__app_label", "codename").order_by()


class MemberBackend(ModelBackend):
    """Sign in by username or email, and grant what the user's role includes.

    It loads the user's organization in the same query, because every page needs it. Each page of
    support staff needs their permissions.
    """

    def authenticate(
        self,
        request: HttpRequest | None,  # noqa: ARG002 - Django's signature
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,  # noqa: ARG002
    ) -> User | None:
        """Return the active user with this username or email, and this password."""
        if username is None or password is None:
            return None
        accounts = accounts_named(username)
        for user in accounts:
            if user.check_password(password) and self.user_can_authenticate(user):
                return user
        if not accounts:
            # Take as long as for a known name, or the time would tell which ones are known.
            User().set_password(password)
        return None

    def get_user(self, user_id: int) -> User | None:
        user = next(iter(_users(user_id)), None)
        return user if user is not None and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        is_active_user = isinstance(user_obj, User) and user_obj.is_active
        if not is_active_user or user_obj.is_superuser or obj is not None:
            return super().get_all_permissions(user_obj, obj)
        kept: dict[str, Any] = vars(user_obj)
        if "_perm_cache" not in kept:  # Django's name
            found = [*_own_permissions(user_obj.pk), *_group_permissions(user_obj.pk)]
            kept["_perm_cache"] = {f"{app}.{name}" for app, name in found}
        permissions: set[str] = kept["_perm_cache"]
        return permissions

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if isinstance(user_obj, User) and perm in role_permissions.by_key:
            return role_may(user_obj, perm)
        return super().has_perm(user_obj, perm, obj)
