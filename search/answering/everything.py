"""The first page of a list without a search, and how many rows there are.

It's what people open most, and the same for all members of an organization. So its queries are
compiled once (smscenter/database/prepared.py).
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet

from search.answering.paging import PAGE, Order, Page, first_page, steps_of
from search.limits import COUNT_LIMIT, Count
from smscenter.database.prepared import Prepared


class Everything:
    """All rows of an organization that its members see, in the orders of a list.

    Those that are read in steps aren't for it.
    """

    def __init__(
        self,
        visible_in: Callable[[int], QuerySet[Any]],
        orders: Mapping[str, Order],
        columns: Sequence[str],
    ) -> None:
        self._pages = {
            sort: _Page(visible_in, order, columns)
            for sort, order in orders.items()
            if not steps_of(visible_in(0), order)
        }
        self._rows = Prepared(
            lambda organization: visible_in(organization).values_list("pk")[: COUNT_LIMIT + 1]
        )

    def page(self, sort: str, organization: int) -> Page[Any] | None:
        """Return the first page, or None in another order."""
        page = self._pages.get(sort)
        return page.read(organization) if page else None

    def count(self, organization: int) -> Count:
        return Count.of(self._rows.count(organization))


class _Page:
    def __init__(
        self, visible_in: Callable[[int], QuerySet[Any]], order: Order, columns: Sequence[str]
    ) -> None:
        self._order = order
        # A key that's a column isn't read twice.
        keys = zip(order.names, order.keys, strict=False)  # without the ID
        same = {name: str(key.expression) for name, key in keys if key.expression in columns}
        names = [*columns, *(name for name in order.names[:-1] if name not in same)]
        fields = {name: property(attrgetter(column)) for name, column in same.items()}
        self._row: Any = type("Row", (namedtuple("Row", names),), fields)
        self._rows = Prepared(
            lambda organization: order.apply(visible_in(organization)).values_list(*names)[
                : PAGE + 1
            ]
        )

    def read(self, organization: int) -> Page[Any]:
        return first_page([*map(self._row._make, self._rows(organization))], self._order)
