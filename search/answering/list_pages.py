"""List pages with a search box and filters, for leads, messages, and requests.

A `ListConfig` holds what differs between them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from time import monotonic
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from search.answering import queryset
from search.answering.paging import CursorError, Order, Page, page_of
from search.answering.queryset import Result
from search.language.errors import Problem, QueryError
from search.language.tree import And, Query
from search.limits import Count, count_of, time_limit, translate_errors
from search.models import SavedView
from search.words import vocabulary

# Limits on the time and the number of terms for suggestions on an empty result.
SUGGESTING_SECONDS = 1.0
MOST_SUGGESTED = 10


@dataclass(frozen=True)
class ListConfig:
    """The configuration of a list page. `filters` is a django-filter FilterSet class."""

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
    """A column heading: a link that sorts by the column or reverses the order."""

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
class ShorterQuery:
    """A query with one term removed, and how many rows it finds."""

    term: str
    query: str
    count: Count


class Listing:
    """The list on a page, for one request. Rows are read when they are shown."""

    def __init__(self, kind: ListConfig, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self.kind = kind
        self.request = request
        self.user: Any = request.user
        self.parameters = request.GET
        self.text = request.GET.get("q", "").strip()
        self.visible = rows
        self.result: Result | None = None
        self.problem: Problem | None = None
        self.count = Count(0, capped=False)
        self.found = self._search(rows)
        self.filter = kind.filters(request.GET, queryset=self.found, request=request)
        self.rows: QuerySet[Any] = self.filter.qs

    @property
    def url(self) -> str:
        return reverse(vocabulary.get(self.kind.model).page)

    def _search(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if not self.text:
            return rows
        try:
            with translate_errors(self.text):
                self.result = queryset.filter_by_query(rows, self.text, self.user)
        except QueryError as error:
            self.problem = error.problem
            return rows.none()
        return self.result.rows

    @property
    def sort(self) -> str:
        """Return the order of the column headings; empty if the query has its own `sort:`."""
        if self.result and self.result.order:
            return ""
        sort = self.parameters.get("sort", "")
        return sort if sort in self.kind.orders else self.kind.default_sort

    @property
    def order(self) -> Order:
        if self.result and self.result.order:
            return Order.of(self.result.order)
        return self.kind.orders[self.sort]

    @cached_property
    def limited_rows(self) -> QuerySet[Any]:
        """Return all matching rows, up to the query's limit."""
        if self.result is None or self.result.limit is None:
            return self.rows
        first = self.order.apply(self.rows)[: self.result.limit]
        return self.visible.filter(pk__in=first.values("pk"))

    def read(self) -> Page[Any]:
        """Read the requested page and the count. Raises CursorError.

        A query that the database rejects becomes the problem shown on the page.
        """
        page: Page[Any] | None = None
        try:
            with time_limit(settings.SEARCH_TIMEOUT_SECONDS, self.text):
                page = self._page()
                self.count = self._count(page)
        except QueryError as error:
            if page is None:
                self.problem = error.problem
                return Page([], after="", before="")
            # The rows were read in time, but counting them took too long.
            self.count = Count(len(page.rows), capped=True)
        return page

    def _page(self) -> Page[Any]:
        after, before = self._cursors
        return page_of(self.limited_rows, self.order, after=after, before=before)

    @property
    def _cursors(self) -> tuple[str, str]:
        return self.parameters.get("after", ""), self.parameters.get("before", "")

    def _count(self, page: Page[Any]) -> Count:
        if not page.after and not any(self._cursors):
            return Count(len(page.rows), capped=False)  # all of them are on this page
        return count_of(self.rows, self.result.limit if self.result else None)

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
        """Return the query with the filters added, or an empty string if they can't be a query."""
        terms = self.filter.as_query() if self.filters_used and self.filter.is_valid() else ""
        return f"{self.text} {terms}".strip() if terms else ""

    @property
    def can_be_saved(self) -> bool:
        return bool(self.text) and SavedView.can_be_of(self.kind.model, self.user)

    def without_filters(self) -> Count | None:
        """Count the rows without the filters. Return None if that takes too long."""
        if not self.text:
            return None
        try:
            with time_limit(SUGGESTING_SECONDS, self.text):
                return count_of(self.found)
        except QueryError:
            return None

    def without_one_term(self) -> list[ShorterQuery]:
        """Return what the query would find without each of its terms.

        Shows which term excludes all rows. Stops at MOST_SUGGESTED or after SUGGESTING_SECONDS.
        """
        where = self.result.query.where if self.result else None
        if self.result is None or not isinstance(where, And):
            return []
        found: list[ShorterQuery] = []
        end = monotonic() + SUGGESTING_SECONDS
        for index in range(min(len(where.terms), MOST_SUGGESTED)):
            try:
                with time_limit(end - monotonic(), self.text):
                    found.append(self._without(self.result.query, where, index))
            except QueryError:
                break
        return [without for without in found if without.count.number]

    def _without(self, query: Query, where: And, index: int) -> ShorterQuery:
        rest = where.terms[:index] + where.terms[index + 1 :]
        shorter = replace(query, where=rest[0] if len(rest) == 1 else replace(where, terms=rest))
        rows = queryset.filter_by_query(self.visible, str(shorter), self.user).rows
        return ShorterQuery(str(where.terms[index]), str(shorter), count_of(rows))


def render_list(
    request: HttpRequest, listing: Listing, template: str, part: str, **context: Any
) -> HttpResponse:
    """Render the page, or the part that htmx replaces. A bad cursor redirects to the first page."""
    try:
        page = listing.read()
    except CursorError:
        return redirect(request.path)
    htmx = request.htmx  # type: ignore[attr-defined]  # its middleware adds it
    shown = part if htmx and not htmx.boosted else template
    return render(request, shown, {"listing": listing, "page": page, **context})
