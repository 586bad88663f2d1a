"""The way through a search: from a row's own page to the next row and the previous one.

A link to a row carries the search, its order, and the row's cursor. So the next row is found even
if this one doesn't match anymore, because someone just mended what the search was for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from search.answering.list_pages import Listing
from search.answering.paging import CursorError, page_of
from search.language.errors import QueryError
from search.limits import Count, time_limit
from search.words.counting import count_of


@dataclass(frozen=True)
class Trail:
    """A row's place in a search. Without a next or previous row, the URL is empty."""

    number: int
    total: Count
    previous: str
    next: str
    back: str


def follow(listing: Listing) -> Trail | None:
    """Return the place of the row with the URL's cursor; None without one, or if it's slow."""
    at = listing.parameters.get("at", "")
    if not at or listing.problem:
        return None
    try:
        with time_limit("trail", listing.text):
            return _follow(listing, at)
    except (CursorError, QueryError):
        return None


def _follow(listing: Listing, at: str) -> Trail:
    rows, order = listing.limited_rows, listing.order
    ordered = order.apply(rows)
    before = count_of(ordered.filter(order.reversed().beyond(ordered, at)))
    return Trail(
        number=before.number + 1,
        total=count_of(rows),
        previous=_url(listing, page_of(rows, order, before=at, size=1).rows),
        next=_url(listing, page_of(rows, order, after=at, size=1).rows),
        back=listing.url_of(listing.query),
    )


def _url(listing: Listing, rows: list[Any]) -> str:
    return f"{listing.kind.url_of(rows[0])}{trail_of(listing, rows[0])}" if rows else ""


def trail_of(listing: Listing, row: Any) -> str:
    """Return what a link to a row adds to its URL."""
    return _trails(listing, [row])[0]


def trails(listing: Listing, rows: Sequence[Any]) -> list[str]:
    """Return the same for the rows of a list. A list of everything adds nothing."""
    return _trails(listing, rows) if listing.text else [""] * len(rows)


def _trails(listing: Listing, rows: Sequence[Any]) -> list[str]:
    sort, order = listing.parameters.get("sort", ""), listing.order
    search = urlencode({"q": listing.text, **({"sort": sort} if sort else {})})
    return [f"?{search}&at={order.cursor(row)}" for row in rows]
