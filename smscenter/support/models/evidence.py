from functools import partial
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Index, Sum
from django.urls import reverse
from django.utils import timezone

from smscenter.accounts.models import Owned, OwnedQuerySet, User
from smscenter.stored_files import private_storage, random_path


def random_name(evidence: "Evidence", _filename: str) -> str:
    return random_path("evidence", evidence.organization_id)


class EvidenceQuerySet(OwnedQuerySet["Evidence"]):
    def readable_by(self, user: User) -> Self:
        """Return the files this person can open: support staff, once the request was submitted."""
        own = self.visible_to(user)
        if not (user.is_staff and user.has_perm("support.view_evidence")):
            return own
        return (
            self.all() if user.is_superuser else own | self.filter(request__submitted__isnull=False)
        )

    def stored(self) -> int:
        """Return the number of bytes these files use."""
        return int(self.aggregate(stored=Sum("size"))["stored"] or 0)


class Evidence(Owned):
    """A file that shows how recipients opted in: a screenshot of the form, a signed sheet."""

    request = models.ForeignKey(
        "support.SupportRequest", on_delete=models.CASCADE, db_index=False, related_name="evidence"
    )
    file = models.FileField(storage=private_storage, upload_to=random_name)
    # The name of the uploaded file, cleaned up.
    name = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="Size in bytes.")
    # Detected from the content. What the browser sent is ignored.
    content_type = models.CharField(max_length=40)
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created = models.DateTimeField(default=timezone.now)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["created", "id"]
        verbose_name_plural = "evidence"
        indexes = [Index(fields=["request", "created", "id"], name="evidence_created")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("evidence_file", args=[self.pk])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the row, and its file once the transaction commits."""
        transaction.on_commit(partial(self.file.storage.delete, str(self.file.name)))
        return super().delete(*args, **kwargs)
