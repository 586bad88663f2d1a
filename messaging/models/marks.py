"""What other apps show next to a text, such as the state of its support request.

`prefetch` reads what `template` shows, for a page of texts at once; the template gets the text as
`row`, unless `is_shown` says that it has nothing to show. Nothing is read for leads of which
`may_exist` knows that their texts have no such mark.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db.models import Prefetch

from leads.models import Lead
from smscenter.registry import Registry


@dataclass(frozen=True)
class Mark:
    prefetch: Callable[[], "Prefetch[Any]"]
    template: str
    is_shown: Callable[[Any], bool] = lambda _row: True
    may_exist: Callable[[Lead], bool] = lambda _lead: True


marks: Registry[Mark] = Registry(key=attrgetter("template"))
