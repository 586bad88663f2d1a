"""What apps offer to do with the rows of a list: with the ticked ones, or with all of a search."""

from dataclasses import dataclass
from operator import attrgetter

from django.http import QueryDict

from smscenter.database.row_ids import row_id
from smscenter.registry import Registry

# Lists show fewer rows on a page.
MOST_TICKED = 1_000


@dataclass(frozen=True)
class ListAction:
    """A template with the buttons for a list of `model`, inside a form that has the search.

    The form is `list-actions`, and its check boxes are `ids`.
    """

    model: str
    template: str
    url_name: str


list_actions: Registry[ListAction] = Registry(key=attrgetter("template"))


def actions_of(model: str) -> list[ListAction]:
    return [action for action in list_actions if action.model == model]


def ticked(sent: QueryDict) -> list[int] | None:
    """Return the ids of the ticked rows, or None for all that the search found."""
    if sent.get("only") != "ticked":
        return None
    return [*{*filter(None, map(row_id, sent.getlist("ids")))}][:MOST_TICKED]
