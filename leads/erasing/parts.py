"""What is erased. Each app registers its own parts in its hooks (docs/extend.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import QuerySet

from leads.erasing.person import Person
from smscenter.registry import Registry
from smscenter.retention import next_ids

# Rows in one step, which is one transaction.
CHUNK = 500
# Rows of a whole table in one step, most of which have nothing to do with the person.
SCANNED = 5_000


class Step(NamedTuple):
    """How many rows a step erased, and where to continue, or None when the part is done."""

    erased: int
    after: int | None = None


@dataclass(frozen=True)
class ErasedPart:
    """Something of a person that's erased.

    The page lists `label` with what `count` returns. `erase` gets where the step before ended, and
    does a little. If a worker dies, the same step is done again. Parts are erased in the order of
    `place`.
    """

    label: str
    erase: Callable[[Person, int], Step]
    place: int
    count: Callable[[Person], int] | None = None


parts: Registry[ErasedPart] = Registry(key=attrgetter("label"))


def in_order() -> list[ErasedPart]:
    return sorted(parts, key=attrgetter("place"))


def delete_rows(rows: "QuerySet[Any]") -> Step:
    """Delete the next of these rows."""
    if not (ids := next_ids(rows, CHUNK)):
        return Step(0)
    rows.order_by().filter(pk__in=ids).delete()
    return Step(len(ids), 0)


def scan(
    rows: "QuerySet[Any]", after: int, erase: Callable[["QuerySet[Any]"], int], size: int = SCANNED
) -> Step:
    """Look through the next rows of a table, in the order of their keys."""
    ids = next_ids(rows.filter(pk__gt=after), size)
    if not ids:
        return Step(0)
    erased = erase(rows.filter(pk__gt=after, pk__lte=ids[-1]))
    return Step(erased, ids[-1])
