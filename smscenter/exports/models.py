from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Index, Q, UniqueConstraint
from django.urls import reverse
from django.utils import timezone

from smscenter.accounts.models import Owned, OwnedQuerySet
from smscenter.database.leases import Leased, LeasedQuerySet
from smscenter.stored_files import private_storage, random_path

KEPT = timedelta(days=7)
LINK = "smscenter.exports.link"


class ArchiveQuerySet(LeasedQuerySet["Archive"], OwnedQuerySet["Archive"]):  # type: ignore[override]
    def kept(self) -> "ArchiveQuerySet":
        return self.filter(created__gt=timezone.now() - KEPT)


def file_name(archive: "Archive", _name: str) -> str:
    return random_path("exports", archive.organization_id)


class Archive(Leased, Owned):
    """A ZIP file with everything that an organization stores. Workers build it part by part.

    `table`, `after`, and `part` are the next part to write, and `size` is that of the file so far:
    if it's another one, a worker died while it wrote, and the next one starts over.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "In progress"
        DONE = "done", "Ready"

    WAITS_AS = State.WAITING

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    due = models.DateTimeField(default=timezone.now)
    created = models.DateTimeField(default=timezone.now)
    finished = models.DateTimeField(null=True)
    file = models.FileField(storage=private_storage, upload_to=file_name)
    size = models.BigIntegerField(default=0)
    table = models.PositiveSmallIntegerField(default=0)
    after = models.BigIntegerField(default=0)
    part = models.PositiveIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)

    objects = ArchiveQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="archive_state", condition=Q(state__in=["waiting", "sending", "done"])
            ),
            UniqueConstraint(
                name="archive_in_work", fields=["organization"], condition=~Q(state="done")
            ),
        ]
        indexes = [
            Index(fields=["organization", "-created"], name="archive_created"),
            Index(fields=["due"], condition=~Q(state="done"), name="archive_due"),
        ]

    def __str__(self) -> str:
        return f"Export of {self.created:%Y-%m-%d}"

    @property
    def is_done(self) -> bool:
        return self.state == self.State.DONE

    @property
    def kept_until(self) -> datetime:
        return self.created + KEPT

    @property
    def link(self) -> str:
        """Return the address for emails, which works only as long as the file is kept."""
        token = signing.dumps([self.pk, self.kept_until.timestamp()], salt=LINK)
        return f"{reverse('archive_download', args=[self.pk])}?link={token}"

    def is_linked_by(self, token: str) -> bool:
        """Return whether a link was made for this file, and hasn't expired."""
        try:
            pk, until = signing.loads(token, salt=LINK)
        except signing.BadSignature:
            return False
        return bool(pk == self.pk and timezone.now().timestamp() < until)
