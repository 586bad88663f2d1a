"""What other apps show beside a text, such as the state of its support request.

They register it in their AppConfig.ready. `prefetch` reads what `template` shows, for a page of
texts at once; the template gets the text as `row`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch


@dataclass(frozen=True)
class Mark:
    prefetch: Callable[[], "Prefetch[Any]"]
    template: str


registered: list[Mark] = []


def register(mark: Mark) -> None:
    registered.append(mark)
