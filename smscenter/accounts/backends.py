from django.contrib.auth.backends import ModelBackend

from smscenter.accounts.models import User


class MemberBackend(ModelBackend):
    """Django's backend, with the organization in the same query: every page asks for it."""

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("organization").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
