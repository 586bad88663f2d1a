from django.conf import settings
from django.db import models
from django.db.models import Index, Q
from django.utils import timezone


class Feedback(models.Model):
    """Feedback on a help article. Readers don't need to sign in."""

    article = models.SlugField(max_length=80, db_index=False)
    helpful = models.BooleanField()
    comment = models.TextField(max_length=2_000, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # For visitors, a hash of address and day: each client has one answer per article and day.
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
