"""Rows that workers claim under a lease, such as attempts and mails.

Several workers share one queue of rows. A claim is one short transaction that waits for no other
worker, and its lease is the fencing token: a worker that lost it to another one changes nothing.
When a worker is killed, its rows are claimed again after the lease has expired.
"""

import uuid
from collections.abc import Callable, Sequence
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
    def claimable(self, at: datetime) -> Self:
        """Return waiting rows that are due, and rows whose lease has expired."""
        waiting = Q(state=self.model.WAITS_AS, due__lte=at)
        return self.filter(waiting | Q(state=SENDING, lease_until__lte=at))

    def claim(
        self,
        limit: int,
        *,
        at: datetime,
        until: datetime,
        lease: uuid.UUID,
        choose: Callable[[list[_Row]], Sequence[_Row]] = list,
        **changes: Any,
    ) -> list[_Row]:
        """Claim up to `limit` of these rows that are claimable, the longest due first.

        `choose` gets them locked and returns those to claim; the others stay as they are.
        """
        with transaction.atomic():
            rows = self.claimable(at).order_by("due", "id")
            rows = rows.select_for_update(skip_locked=True, of=("self",))
            claimed = list(choose(list(rows[:limit])))
            ids = [row.pk for row in claimed]
            self.model._base_manager.filter(pk__in=ids).update(
                state=SENDING, lease=lease, lease_until=until, **changes
            )
        for row in claimed:
            row.lease, row.lease_until = lease, until
        return claimed

    def under(self, lease: uuid.UUID | None) -> Self:
        """Return rows that are still under this lease."""
        return self.filter(state=SENDING, lease=lease)

    def close(self, **changes: Any) -> int:
        """End the leases of these rows with these changes. Return the number of rows."""
        return self.update(lease=None, lease_until=None, **changes)

    def release(self, **changes: Any) -> int:
        """Let others claim these rows again. Return the number of rows."""
        return self.close(state=self.model.WAITS_AS, **changes)
