"""Files of texts, kept in private storage: what came with a text, and pictures to send."""

from functools import partial
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Index, Q, UniqueConstraint
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone

from messaging.models.media import Media
from smscenter.accounts.models import Owned, OwnedQuerySet
from smscenter.stored_files import private_storage, random_path


def random_name(media_file: "MediaFile", _filename: str) -> str:
    return random_path("media", media_file.organization_id)


class MediaFile(Owned):
    """A file of a text, listed with its ID in `SmsMessage.media`. It's deleted with its text."""

    # Empty until a picture is sent.
    message = models.ForeignKey(
        "messaging.SmsMessage",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        db_index=False,
        related_name="files",
    )
    # Its place in `SmsMessage.media`.
    position = models.PositiveSmallIntegerField(default=0)
    file = models.FileField(storage=private_storage, upload_to=random_name)
    name = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="Size in bytes.")
    # Detected from the content, or of a type that browsers only download.
    content_type = models.CharField(max_length=60)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Who downloaded or attached it.",
    )
    created = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet["MediaFile"].as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [UniqueConstraint(fields=["message", "position"], name="media_file")]
        indexes = [Index(fields=["created"], condition=Q(message=None), name="media_file_unsent")]

    def __str__(self) -> str:
        return self.name

    @property
    def listed(self) -> Media:
        """Return how `SmsMessage.media` lists it."""
        return {"url": "", "content_type": self.content_type, "size": self.size, "file": self.pk}

    def get_absolute_url(self) -> str:
        return reverse("media_file", args=[self.pk])


@receiver(post_delete, sender=MediaFile)
def delete_content(instance: MediaFile, **_: Any) -> None:
    """Delete the content once the transaction commits, whatever deleted the row."""
    transaction.on_commit(partial(instance.file.storage.delete, str(instance.file.name)))
