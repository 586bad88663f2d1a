"""Rows that workers claim under a lease, such as attempts and mails.

Several workers share one queue of rows. A claim is one short transaction that waits for no other
worker, and its lease is the fencing token: a worker that lost it to another one changes nothing.
When a worker is killed, its rows are claimed again after the lease has expired.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar

from django.db import models, transaction
from django.db.models import Q

SENDING = "sending"


class Leased(models.Model):
    """A row with a `state` and the time at which it is `due`."""

    # The state of a row that can be claimed. A claimed row is `sending`.
    WAITS_AS: ClassVar[str]

    lease = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True


_Row = TypeVar("_Row", bound=Leased)


class LeasedQuerySet(models.QuerySet[_Row]):
    def due(self, at: datetime) -> Self:
        """Return waiting rows that are due, the longest due first."""
        return self.filter(state=self.model.WAITS_AS, due__lte=at).order_by("due", "id")

    def expired(self, at: datetime) -> Self:
        """Return rows whose lease has expired, the longest expired first."""
        return self.filter(state=SENDING, lease_until__lte=at).order_by("lease_until", "id")

    def claimable(self, at: datetime) -> Self:
        """Return waiting rows that are due, and rows whose lease has expired."""
        waiting = Q(state=self.model.WAITS_AS, due__lte=at)
        return self.filter(waiting | Q(state=SENDING, lease_until__lte=at))

    def unlocked(self) -> Self:
        """Lock these rows, without those that another worker is claiming."""
        return self.select_for_update(skip_locked=True, of=("self",))

    def claim(
        self, limit: int, *, at: datetime, until: datetime, lease: uuid.UUID, **changes: Any
    ) -> list[_Row]:
        """Claim up to `limit` of these rows that are claimable, the longest due first."""
        with transaction.atomic():
            rows = list(self.claimable(at).order_by("due", "id").unlocked()[:limit])
            self.hold(rows, until=until, lease=lease, **changes)
        return rows

    def hold(
        self, rows: Sequence[_Row], *, until: datetime, lease: uuid.UUID, **changes: Any
    ) -> None:
        """Put these rows, which the caller has locked, under a lease."""
        self.model._base_manager.filter(pk__in=[row.pk for row in rows]).update(
            state=SENDING, lease=lease, lease_until=until, **changes
        )
        for row in rows:
            row.lease, row.lease_until = lease, until

    def under(self, lease: uuid.UUID | None) -> Self:
        """Return rows that are still under this lease."""
        return self.filter(state=SENDING, lease=lease)

    def close(self, **changes: Any) -> int:
        """End the leases of these rows with these changes. Return the number of rows."""
        return self.update(lease=None, lease_until=None, **changes)

    def release(self, **changes: Any) -> int:
        """Let others claim these rows again. Return the number of rows."""
        return self.close(state=self.model.WAITS_AS, **changes)
