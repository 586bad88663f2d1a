"""What a bulk send is for: all rows of a search, or those that someone ticked in a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from messaging.models import BulkSend, SmsMessage
from search import slow_searches
from search.answering.list_pages import Listing
from search.language.errors import QueryError

MOST = 10_000


@dataclass(frozen=True)
class Selection:
    """The ids of leads or failed texts in the order of the list, and where they come from."""

    kind: BulkSend.Kind
    ids: Sequence[int]
    query: str
    back: str
    problem: str = ""

    @property
    def is_resend(self) -> bool:
        return self.kind == BulkSend.Kind.RESEND

    @property
    def noun(self) -> str:
        noun = "failed text" if self.is_resend else "lead"
        return noun if len(self.ids) == 1 else f"{noun}s"


def of(kind: BulkSend.Kind, listing: Listing, ticked: Sequence[int] | None) -> Selection:
    """Return the ticked rows of a list by their ids, or all that the search found for None."""
    ids: list[int] = []
    query = "" if ticked is not None else listing.filters_as_query or listing.text
    try:
        found = _rows(kind, listing, ticked).values_list("pk", flat=True)[: MOST + 1]
        ids = slow_searches.run("selection", listing.text, listing.user, lambda: list(found.all()))
    except QueryError as error:
        return Selection(kind, [], query, listing.url, error.problem.message)
    if ticked is not None and not ids:
        problem = "Select at least one row."
    else:
        problem = listing.problem.message if listing.problem else _problem(kind, len(ids))
    return Selection(kind, ids, query, listing.url, problem)


def _rows(kind: BulkSend.Kind, listing: Listing, ticked: Sequence[int] | None) -> QuerySet[Any]:
    rows = listing.limited_rows if ticked is None else listing.visible.filter(pk__in=ticked)
    if kind == BulkSend.Kind.RESEND:
        rows = rows.filter(direction=SmsMessage.Direction.OUTGOING)
        rows = rows.filter(status=SmsMessage.Status.ERROR) if ticked is None else rows
    return listing.order.apply(rows)


def _problem(kind: BulkSend.Kind, found: int) -> str:
    """Return why this can't be a bulk send, or an empty string."""
    if found > MOST:
        return f"A bulk send can have up to {MOST:,} recipients. Narrow the search."
    if found:
        return ""
    if kind == BulkSend.Kind.RESEND:
        return "There are no failed texts to resend in this search."
    return "There are no leads in this search."
