"""A page that lists what a query and some filters find: leads, messages, requests.

What differs between them is in a `Kind`; everything else is here once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from search import searching
from search.errors import Problem, QueryError
from search.models import SavedView
from search.paging import Count, CursorError, Order, Page, count_of, page_of
from search.searching import Result
from search.tree import And, Query


@dataclass(frozen=True)
class Kind:
    """What one list page is about. `filters` is a class of django-filter."""

    model: str
    one: str
    label: str
    placeholder: str
    examples: Sequence[tuple[str, str]]
    filters: Any
    orders: Mapping[str, Order]
    default_sort: str
    headings: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Heading:
    """A column's heading: a link that sorts by it, or turns the order round."""

    label: str
    key: str = ""
    first: str = ""
    current: str = ""

    @property
    def is_current(self) -> bool:
        return bool(self.key) and self.current.lstrip("-") == self.key

    @property
    def sort(self) -> str:
        if not self.is_current:
            return self.first
        return self.key if self.current.startswith("-") else f"-{self.key}"

    @property
    def aria_sort(self) -> str:
        if not self.is_current:
            return ""
        return "descending" if self.current.startswith("-") else "ascending"


@dataclass(frozen=True)
class Without:
    """What would be found if one term were left out."""

    term: str
    query: str
    count: Count


class Listing:
    """What one request asks a list for. Nothing is read before it is shown."""

    def __init__(self, kind: Kind, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self.kind = kind
        self.user: Any = request.user
        self.parameters = request.GET
        self.text = request.GET.get("q", "").strip()
        self.visible = rows
        self.result: Result | None = None
        self.problem: Problem | None = None
        self.found = self._search(rows)
        self.filter = kind.filters(request.GET, queryset=self.found, request=request)
        self.rows: QuerySet[Any] = self.filter.qs

    def _search(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if not self.text:
            return rows
        try:
            self.result = searching.narrow(rows, self.text, self.user)
        except QueryError as error:
            self.problem = error.problem
            return rows.none()
        return self.result.rows

    @property
    def sort(self) -> str:
        """What the headings say; empty where the query itself asks for an order."""
        if self.result and self.result.order:
            return ""
        asked = self.parameters.get("sort", "")
        return asked if asked in self.kind.orders else self.kind.default_sort

    @property
    def order(self) -> Order:
        if self.result and self.result.order:
            return Order.of(self.result.order)
        return self.kind.orders[self.sort]

    @cached_property
    def chosen(self) -> QuerySet[Any]:
        """All rows that were asked for: no more than the query's limit."""
        if self.result is None or self.result.limit is None:
            return self.rows
        first = self.order.apply(self.rows)[: self.result.limit]
        return self.visible.filter(pk__in=first.values("pk"))

    def page(self) -> Page[Any]:
        """Raises CursorError."""
        after, before = (self.parameters.get(name, "") for name in ("after", "before"))
        return page_of(self.chosen, self.order, after=after, before=before)

    @cached_property
    def count(self) -> Count:
        return count_of(self.chosen)

    @property
    def headings(self) -> list[Heading]:
        return [Heading(*heading, self.sort) for heading in self.kind.headings]

    @property
    def filters_used(self) -> bool:
        return any(self.parameters.get(name) for name in self.filter.filters)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text) or self.filters_used

    @property
    def filters_as_query(self) -> str:
        """The filters and the query as one query, where the filters can be said in words."""
        words = self.filter.as_query() if self.filters_used and self.filter.is_valid() else ""
        return f"{self.text} {words}".strip() if words else ""

    @property
    def can_be_saved(self) -> bool:
        return bool(self.text) and SavedView.can_be_of(self.kind.model, self.user)

    def without_filters(self) -> Count | None:
        """How many the query alone finds."""
        return count_of(self.found) if self.text else None

    def without_one_term(self) -> list[Without]:
        """Which term emptied the result: what each of the others would find without it."""
        where = self.result.query.where if self.result else None
        if self.result is None or not isinstance(where, And):
            return []
        found = [
            self._without(self.result.query, where, index) for index in range(len(where.terms))
        ]
        return [without for without in found if without.count.number]

    def _without(self, query: Query, where: And, index: int) -> Without:
        rest = where.terms[:index] + where.terms[index + 1 :]
        shorter = replace(query, where=rest[0] if len(rest) == 1 else replace(where, terms=rest))
        rows = searching.narrow(self.visible, str(shorter), self.user).rows
        return Without(str(where.terms[index]), str(shorter), count_of(rows))


def list_page(
    request: HttpRequest, listing: Listing, template: str, part: str, **context: Any
) -> HttpResponse:
    """The whole page, or for htmx the part that it replaces. A wrong cursor leads to the first."""
    try:
        page = listing.page()
    except CursorError:
        return redirect(request.path)
    htmx = request.htmx  # type: ignore[attr-defined]  # its middleware adds it
    shown = part if htmx and not htmx.boosted else template
    return render(request, shown, {"listing": listing, "page": page, **context})
