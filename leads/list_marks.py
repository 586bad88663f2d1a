"""What other apps show in the list of leads instead of the status of a lead's latest text.

`find` returns the IDs of the marked leads among those of a page, in a fixed number of queries.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from operator import attrgetter

from leads.models import Lead
from smscenter.registry import Registry


@dataclass(frozen=True)
class LatestSmsMark:
    find: Callable[[Sequence[Lead]], Collection[int]]
    template: str


latest_sms_marks: Registry[LatestSmsMark] = Registry(key=attrgetter("template"))


def mark(leads: Sequence[Lead]) -> None:
    """Set `latest_sms_mark` of each lead to a template, or to an empty string."""
    found = [(set(each.find(leads)), each.template) for each in latest_sms_marks]
    for lead in leads:
        templates = (template for marked, template in found if lead.pk in marked)
        lead.latest_sms_mark = next(templates, "")
