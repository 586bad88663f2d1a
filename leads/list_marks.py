"""What other apps show in the list of leads: the last text, and marks instead of its status.

`find` returns what belongs to the leads of a page, in a fixed number of queries.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from leads.models import Lead
from smscenter.registry import Registry


@dataclass(frozen=True)
class LatestSmsMark:
    find: Callable[[Sequence[Lead]], Collection[int]]
    template: str


@dataclass(frozen=True)
class RowDetail:
    """What an app adds to rows: `find` returns it by lead ID, for the attribute `name`."""

    name: str
    find: Callable[[Sequence[Lead]], Mapping[int, Any]]


latest_sms_marks: Registry[LatestSmsMark] = Registry(key=attrgetter("template"))
row_details: Registry[RowDetail] = Registry(key=attrgetter("name"))


def mark(leads: Sequence[Lead]) -> None:
    """Set what the apps found: details, and `latest_sms_mark` to a template or an empty string."""
    for detail in row_details:
        details = detail.find(leads)
        for lead in leads:
            setattr(lead, detail.name, details.get(lead.pk))
    found = [(set(each.find(leads)), each.template) for each in latest_sms_marks]
    for lead in leads:
        templates = (template for marked, template in found if lead.pk in marked)
        lead.latest_sms_mark = next(templates, "")
