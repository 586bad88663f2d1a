from django.contrib.auth.backends import ModelBackend

from smscenter.accounts.models import User


class MemberBackend(ModelBackend):
    """Load the user's organization in the same query, because every page needs it."""

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("organization").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
