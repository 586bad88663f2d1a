"""What other apps show in the list of leads: the last text, and marks instead of its status.

`find` returns what belongs to the leads of a page, in a fixed number of queries. Leads are named
tuples with the columns that the list reads (leads/rows/lead_rows.py).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from smscenter.registry import Registry


@dataclass(frozen=True)
class LatestSmsMark:
    find: Callable[[Sequence[Any]], Collection[int]]
    template: str


@dataclass(frozen=True)
class RowDetail:
    """What an app adds to rows: `find` returns it by lead ID. Rows know it by `name`."""

    name: str
    find: Callable[[Sequence[Any]], Mapping[int, Any]]


latest_sms_marks: Registry[LatestSmsMark] = Registry(key=attrgetter("template"))
row_details: Registry[RowDetail] = Registry(key=attrgetter("name"))


def details_of(leads: Sequence[Any]) -> dict[str, Mapping[int, Any]]:
    """Return the details of all apps, by name and lead ID."""
    return {detail.name: detail.find(leads) for detail in row_details}


def marks_of(leads: Sequence[Any]) -> dict[int, str]:
    """Return the template of each marked lead. The first app that marks it wins."""
    marked = [dict.fromkeys(each.find(leads), each.template) for each in latest_sms_marks]
    return {pk: template for found in reversed(marked) for pk, template in found.items()}
