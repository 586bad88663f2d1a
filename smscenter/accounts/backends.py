from typing import Any

from django.contrib.auth.backends import ModelBackend

from smscenter.accounts.models import User
from smscenter.accounts.roles import role_may


class MemberBackend(ModelBackend):
    """Grant what the user's role in the organization includes, besides Django's permissions.

    It loads the user's organization in the same query, because every page needs it.
    """

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("organization").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if isinstance(user_obj, User) and role_may(user_obj, perm):
            return True
        return super().has_perm(user_obj, perm, obj)
