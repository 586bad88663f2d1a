"""What other apps show next to a text, such as the state of its support request.

`prefetch` reads what `template` shows, for a page of texts at once; the template gets the text as
`row`, unless `is_shown` says that it has nothing to show.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db.models import Prefetch

from smscenter.registry import Registry


@dataclass(frozen=True)
class Mark:
    prefetch: Callable[[], "Prefetch[Any]"]
    template: str
    is_shown: Callable[[Any], bool] = lambda _row: True


marks: Registry[Mark] = Registry(key=attrgetter("template"))
