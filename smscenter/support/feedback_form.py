from datetime import timedelta

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from smscenter.accounts.models import User
from smscenter.support.models import Feedback
from smscenter.support.widgets import LongText

# Of people who are not signed in: whoever writes more is a machine.
MOST_A_DAY = 1_000


class FeedbackForm(forms.ModelForm[Feedback]):
    """Whether an article helped. The two buttons say it, the comment is optional."""

    helpful = forms.TypedChoiceField(
        choices=[("yes", "Yes"), ("no", "No")], coerce=lambda value: value == "yes"
    )

    class Meta:
        model = Feedback
        fields = ["helpful", "comment"]
        labels = {"comment": "What was missing, or what helped? (optional)"}
        help_texts = {"comment": "Support reads this. For an answer, contact support."}
        widgets = {"comment": LongText(attrs={"rows": 2})}

    def keep(self, slug: str, user: User | AnonymousUser) -> bool:
        """Whether there was still room for it."""
        self.instance.article = slug
        if isinstance(user, User):
            self.instance.user = user
        elif _today() >= MOST_A_DAY:
            return False
        self.save()
        return True


def _today() -> int:
    since = timezone.now() - timedelta(days=1)
    return Feedback.objects.filter(user=None, created__gte=since).count()
