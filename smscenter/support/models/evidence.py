from collections.abc import Iterable
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db import models, transaction
from django.db.models import Index, Sum
from django.urls import reverse
from django.utils import timezone

from smscenter.accounts.models import Owned, OwnedQuerySet, User
from smscenter.support.requests.uploads import Upload

if TYPE_CHECKING:
    from smscenter.support.models.support_request import SupportRequest


def private_storage() -> Storage:
    """Files that only a view serves, after it looked at who asks."""
    return storages["private"]


def random_name(evidence: "Evidence", _filename: str) -> str:
    """Nothing of what was uploaded gets into a path."""
    return str(PurePath("evidence", f"{evidence.organization_id}", uuid4().hex))


class EvidenceQuerySet(OwnedQuerySet["Evidence"]):
    def readable_by(self, user: User) -> Self:
        """Also for the support staff, once the request was sent to them."""
        own = self.visible_to(user)
        if not (user.is_staff and user.has_perm("support.view_evidence")):
            return own
        return (
            self.all() if user.is_superuser else own | self.filter(request__submitted__isnull=False)
        )

    def store(self, support_request: "SupportRequest", uploads: Iterable[Upload], by: User) -> None:
        """All of them, or none: their rows go with the transaction, and so must the files."""
        stored: list[Evidence] = []
        try:
            for upload in uploads:
                stored.append(Evidence.of(support_request, upload, by))
                stored[-1].save()
        except Exception:
            for evidence in stored:
                evidence.file.delete(save=False)
            raise

    def discard(self, support_request: "SupportRequest", by: User) -> None:
        """Give back the room of a draft that nobody is going to need, and say so in its history."""
        files = list(self.filter(request=support_request))
        for evidence in files:
            evidence.delete()
        if files:
            support_request.record_edit(by, [f"{evidence} removed" for evidence in files])

    def without(self, uploads: Iterable[Upload]) -> list[Upload]:
        """Return the uploads that aren't among these files, which a second click sends again."""
        there = set(self.values_list("name", "sha256"))
        return [upload for upload in uploads if (upload.name, upload.sha256) not in there]

    def stored(self) -> int:
        """Bytes that these files take up."""
        return int(self.aggregate(stored=Sum("size"))["stored"] or 0)


class Evidence(Owned):
    """A file that shows how receivers opted in: a screenshot of the form, a signed sheet."""

    request = models.ForeignKey(
        "support.SupportRequest", on_delete=models.CASCADE, db_index=False, related_name="evidence"
    )
    file = models.FileField(storage=private_storage, upload_to=random_name)
    # As it was called where it came from, cleaned.
    name = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="In bytes.")
    # Of what the file really is, not of what the browser said.
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

    @classmethod
    def of(cls, support_request: "SupportRequest", upload: Upload, by: User) -> "Evidence":
        return cls(
            organization_id=support_request.organization_id,
            request=support_request,
            file=File(upload.file, "new"),
            name=upload.name,
            size=upload.size,
            content_type=upload.content_type,
            sha256=upload.sha256,
            uploaded_by=by,
        )

    def get_absolute_url(self) -> str:
        return reverse("evidence_file", args=[self.pk])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Remove its file too, as soon as the row is gone for good."""
        transaction.on_commit(partial(self.file.storage.delete, str(self.file.name)))
        return super().delete(*args, **kwargs)
