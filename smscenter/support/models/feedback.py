from django.conf import settings
from django.db import models
from django.db.models import Index, Q
from django.utils import timezone


class Feedback(models.Model):
    """What a reader thought of a help article. Readers need not sign in."""

    article = models.SlugField(max_length=80, db_index=False)
    helpful = models.BooleanField()
    comment = models.TextField(max_length=2_000, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Of a visitor, for a day: a hash of address and day, so that each client has one answer.
    client = models.CharField(max_length=64, blank=True, default="", editable=False)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "feedback"
        constraints = [
            models.UniqueConstraint(
                fields=["client", "article"], condition=~Q(client=""), name="feedback_client"
            )
        ]
        indexes = [
            Index(fields=["article", "created"], name="feedback_article"),
            Index(fields=["created"], name="feedback_created"),
        ]

    def __str__(self) -> str:
        return f"{self.article}: {'helpful' if self.helpful else 'not helpful'}"
