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

# Of all visitors together, so that many clients can't fill the disk. One client gets nowhere near:
# it has one answer for each article.
MOST_A_DAY = 10_000
# Members may say it again when the article may have changed.
AGAIN_AFTER = timedelta(days=30)
COOKIE = "told_articles"


class FeedbackForm(forms.ModelForm[Feedback]):
    """Whether an article helped. The two buttons say it, the comment is optional."""

    helpful = forms.TypedChoiceField(
        choices=[("yes", "Yes"), ("no", "No")], coerce=lambda value: value == "yes"
    )

    class Meta:
        model = Feedback
        fields = ["helpful", "comment"]
        labels = {"comment": "Comments (optional)"}
        help_texts = {"comment": "We can't reply to comments. For help, contact support."}
        widgets = {"comment": LongText(attrs={"rows": 2})}

    def keep(self, request: HttpRequest, slug: str) -> bool:
        """Store it, unless this reader said it before. Return whether there was room for it."""
        if has_told(request, slug):
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
            pass  # A second click was faster, and said the same.
        return True


def has_told(request: HttpRequest, slug: str) -> bool:
    """Return whether this person, or a visitor's address today, has said whether it helped."""
    return _told(request).filter(article=slug).exists()


def is_thanked(request: HttpRequest, slug: str) -> bool:
    """Return whether to thank this reader instead of asking them.

    A visitor's browser says it: articles are read without the database, and not everybody behind
    one address has told us.
    """
    if isinstance(request.user, User):
        return has_told(request, slug)
    return slug in _told_by_browser(request)


def remember(request: HttpRequest, response: HttpResponse, slug: str) -> None:
    """Have a visitor's browser remember for a day that they told us: no session is made for it."""
    if not isinstance(request.user, User):
        response.set_cookie(
            COOKIE,
            ".".join(sorted(_told_by_browser(request) | {slug})),
            max_age=timedelta(days=1),
            path=reverse("help_index"),
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _told_by_browser(request: HttpRequest) -> set[str]:
    return set(request.COOKIES.get(COOKIE, "").split(".")) & set(article.library())


def client_of_today(request: HttpRequest) -> str:
    """Return a name for a visitor's address that nobody can read, and that is another tomorrow."""
    day = timezone.now().date().isoformat()
    return salted_hmac(
        "smscenter.support.feedback", f"{day} {client_address(request)}", algorithm="sha256"
    ).hexdigest()


def _told(request: HttpRequest) -> QuerySet[Feedback]:
    if isinstance(request.user, User):
        since = timezone.now() - AGAIN_AFTER
        return Feedback.objects.filter(user=request.user.pk, created__gte=since)
    return Feedback.objects.filter(client=client_of_today(request))


def _visitors_today() -> int:
    since = timezone.now() - timedelta(days=1)
    return Feedback.objects.filter(user=None, created__gte=since).count()
