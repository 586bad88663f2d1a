from collections.abc import Sequence
from typing import Any, TypeVar

from django.contrib.auth.backends import ModelBackend
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from smscenter.accounts.models import Organization, User
from smscenter.accounts.roles import role_may, role_permissions
from smscenter.prepared import Prepared

Row = TypeVar("Row", bound=Model)

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


@Prepared
def _columns(user: int) -> QuerySet[Any, Any]:
    """Return the columns of a user, then those of the user's organization."""
    own = [field.name for field in User._meta.concrete_fields]
    shared = [f"organization__{field.name}" for field in Organization._meta.concrete_fields]
    return User.objects.filter(pk=user).values_list(*own, *shared)


def _read(pk: int) -> User | None:
    """Read a user with the organization, in one query."""
    if not (rows := _columns(pk)):
        return None
    [row], width = rows, len(User._meta.concrete_fields)
    user = _instance(User, row[:width])
    user.organization = _instance(Organization, row[width:]) if user.organization_id else None
    return user


def _instance(model: type[Row], values: Sequence[Any]) -> Row:
    """Return a row as Django does that reads it."""
    names = [field.attname for field in model._meta.concrete_fields]
    return model.from_db(DEFAULT_DB_ALIAS, names, values)


class MemberBackend(ModelBackend):
    """Sign in by username or email, and grant what the user's role includes.

    It loads the user's organization in the same query, because every page needs it.
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
        user = _read(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if isinstance(user_obj, User) and perm in role_permissions.by_key:
            return role_may(user_obj, perm)
        return super().has_perm(user_obj, perm, obj)
