"""The page that members see first: what needs them now. Apps add its sections (docs/extend.md)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from smscenter.accounts.models import User
from smscenter.registry import Registry

MOST_ROWS = 8


@dataclass(frozen=True)
class Work:
    """Whose work the page shows: the reader's own, or for managers that of the whole team."""

    user: User
    is_team: bool = False

    def of(self, field: str) -> dict[str, User]:
        """Return a filter for rows that belong to someone: `texts.filter(**work.of("user"))`."""
        return {} if self.is_team else {field: self.user}


@dataclass(frozen=True)
class Rows:
    """The first rows of a section, how many there are in words, and the page that has them all."""

    first: Sequence[Any]
    count: str
    url: str = ""


@dataclass(frozen=True)
class Section:
    """A list on the page, and a number at the top that links to it.

    `template` is a list item, like `messaging/home/scheduled.html`, and gets each `row`. `read`
    returns rows that `work.user` may see, in a fixed number of queries. `label` is a template that
    stands before the title if there are rows.
    """

    name: str
    title: str
    empty: str
    template: str
    read: Callable[[Work], Rows]
    place: int
    in_side: bool = False
    label: str = ""


sections: Registry[Section] = Registry(key=lambda section: section.name)


def sections_in_order() -> list[Section]:
    return sorted(sections, key=lambda section: section.place)
