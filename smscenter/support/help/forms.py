from datetime import timedelta

from django import forms
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from smscenter.accounts.models import User
from smscenter.client_address import client_address
from smscenter.support.help import article
from smscenter.support.models import Feedback
from smscenter.support.widgets import LongText

# A limit for all visitors, so that many clients can't fill the disk. One client can't reach it,
# with one answer per article.
MOST_A_DAY = 10_000
# Members can answer again later, when the article may have changed.
ANSWER_AGAIN_AFTER = timedelta(days=30)
COOKIE = "told_articles"


class FeedbackForm(forms.ModelForm[Feedback]):
    """Tell whether an article helped, with an optional comment."""

    helpful = forms.TypedChoiceField(
        choices=[("yes", "Yes"), ("no", "No")], coerce=lambda value: value == "yes"
    )

    class Meta:
        model = Feedback
        fields = ["helpful", "comment"]
        labels = {"comment": "Comments (optional)"}
        help_texts = {"comment": "We can't reply to comments. For help, contact support."}
        widgets = {"comment": LongText(attrs={"rows": 2})}

    def save_once(self, request: HttpRequest, slug: str) -> bool:
        """Save the first answer of this reader. Return False if there are too many."""
        if has_answered(request, slug):
            return True
        self.instance.article = slug
        if isinstance(request.user, User):
            self.instance.user = request.user
        elif _visitors_today() >= MOST_A_DAY:
            return False
        else:
            self.instance.client = client_of_today(request)
        try:
            with transaction.atomic():
                self.save()
        except IntegrityError:
            pass  # A second click was faster, with the same answer.
        return True


def has_answered(request: HttpRequest, slug: str) -> bool:
    """Return whether this person, or this visitor's address today, already answered."""
    return _answers(request).filter(article=slug).exists()


def is_thanked(request: HttpRequest, slug: str) -> bool:
    """Return whether to thank this reader instead of asking.

    For visitors, a cookie decides: articles are shown without the database, and several people can
    share an address.
    """
    if isinstance(request.user, User):
        return has_answered(request, slug)
    return slug in _answered_in_browser(request)


def remember(request: HttpRequest, response: HttpResponse, slug: str) -> None:
    """Set a cookie for a day after a visitor answered. This doesn't need a session."""
    if not isinstance(request.user, User):
        response.set_cookie(
            COOKIE,
            ".".join(sorted(_answered_in_browser(request) | {slug})),
            max_age=timedelta(days=1),
            path=reverse("help_index"),
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _answered_in_browser(request: HttpRequest) -> set[str]:
    return set(request.COOKIES.get(COOKIE, "").split(".")) & set(article.library())


def client_of_today(request: HttpRequest) -> str:
    """Return an unreadable name for a visitor's address, which changes every day."""
    day = timezone.now().date().isoformat()
    return salted_hmac(
        "smscenter.support.feedback", f"{day} {client_address(request)}", algorithm="sha256"
    ).hexdigest()


def _answers(request: HttpRequest) -> QuerySet[Feedback]:
    if isinstance(request.user, User):
        since = timezone.now() - ANSWER_AGAIN_AFTER
        return Feedback.objects.filter(user=request.user.pk, created__gte=since)
    return Feedback.objects.filter(client=client_of_today(request))


def _visitors_today() -> int:
    since = timezone.now() - timedelta(days=1)
    return Feedback.objects.filter(user=None, created__gte=since).count()
