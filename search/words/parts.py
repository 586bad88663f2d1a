"""The first parts of rows in the order of `sort:`. A page reads one by one until it's full.

They're for orders that no index of the row has, so that a page doesn't sort all rows.
"""

from collections.abc import Iterator
from typing import Any, Protocol

from django.db.models import Q
from django.db.models.expressions import OrderBy

# Where a first page begins.
FIRST: Any = object()


class Parts(Protocol):
    def __call__(self, start: Any, *, descending: bool) -> Iterator[Q]:
        """Yield the conditions of consecutive parts: of rows from the value `start`, or from FIRST.

        The first part has all rows with that value. After the last part, more rows may follow.
        """


class OrderInParts(OrderBy):
    """An order whose rows can be read part by part."""

    def __init__(
        self, expression: Any, parts: Parts, *, descending: bool, nulls_last: bool | None
    ) -> None:
        self.parts = parts
        super().__init__(expression, descending=descending, nulls_last=nulls_last)
