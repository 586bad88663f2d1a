"""List pages with a search box and filters, for leads, messages, and requests.

A `ListConfig` holds what differs between them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from http import HTTPStatus
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from search import slow_searches
from search.answering import list_columns, queryset, recent
from search.answering.filters import FilterChips, FilterMenus, ListUrl, Option
from search.answering.list_config import Heading, ListConfig
from search.answering.paging import CursorError, Order, Page, page_of
from search.answering.queryset import Result
from search.cache_keys import cache_key
from search.language.editing import terms_of, with_terms
from search.language.errors import Code, Problem, QueryError
from search.language.parser import parse
from search.language.tree import Name, Query, SortKey
from search.limits import Count, time_limit, translate_errors
from search.models import SavedView
from search.words import vocabulary
from search.words.context import SearchContext
from search.words.counting import count_of
from smscenter.database.row_ids import row_id

# How many terms are left out for suggestions on an empty result.
MOST_SUGGESTED = 10
# How long a count is shown on the next pages of the same search: one that came after the page, and
# "10,000+", which takes the longest and stays the same while rows come and go.
COUNT_SECONDS = 30
# How often a page tries again on its own while other slow searches run.
MOST_RETRIES = 4


@dataclass(frozen=True)
class ShorterQuery:
    """A query with one term removed, and how many rows it finds."""

    term: str
    query: str
    count: Count


class Listing:
    """The list on a page, for one request. Rows are read when they are shown.

    `rows` returns all that the person can see. It's only called if the list needs another query
    than that of its first page, because making one takes longer than reading a few rows.
    """

    def __init__(
        self, kind: ListConfig, request: HttpRequest, rows: Callable[[], QuerySet[Any]]
    ) -> None:
        self.kind = kind
        self.request = request
        self.user: Any = request.user
        self.parameters = request.GET
        self._all = rows
        self.filter = kind.filters(request.GET, request=request)
        self.typed = request.GET.get("q", "").strip()
        self.text = self._with_filters(self.typed)
        self.result: Result | None = None
        self.problem: Problem | None = None
        self.count = Count(0, capped=False)
        self.is_count_late = False
        self._search()

    @cached_property
    def visible(self) -> QuerySet[Any]:
        return self._all()

    @property
    def rows(self) -> QuerySet[Any]:
        """Return the rows that match: none if the search has a mistake."""
        if self.result:
            return self.result.rows
        return self.visible.none() if self.text else self.visible

    @cached_property
    def url(self) -> str:
        return reverse(vocabulary.get(self.kind.model).page)

    def _with_filters(self, typed: str) -> str:
        """Return what was typed with the filters in the URL as terms."""
        terms = self.filter.terms()
        if not terms:
            return typed
        try:
            query = parse(typed)
        except QueryError:
            return typed  # its problem is shown
        added = [term for text in terms for term in terms_of(parse(text))]
        return str(with_terms(query, [*terms_of(query), *added]))

    def _search(self) -> None:
        if not self.text:
            return
        try:
            with translate_errors(self.text):
                self.result = queryset.filter_by_query(self.visible, self.text, self.user)
        except QueryError as error:
            self.problem = error.problem

    @property
    def sort(self) -> str:
        """Return the order of the column headings; empty if the query has another `sort:`."""
        if self.result and self.result.order:
            return self._sort_of_query
        sort = self.parameters.get("sort", "")
        return sort if sort in self.kind.orders else self.kind.default_sort

    @property
    def _sort_of_query(self) -> str:
        keys = ",".join(map(str, self.query.sort))
        name = keys.lstrip("-")
        column = next((each for each in self.kind.columns if name and each.field == name), None)
        return keys.replace(name, column.sort) if column else ""

    @property
    def order(self) -> Order:
        if self.result and self.result.order:
            return Order.of(self.result.order)
        return self.kind.orders[self.sort]

    @property
    def query(self) -> Query:
        return self.result.query if self.result else Query(0, 0)

    def url_of(self, query: Query) -> str:
        """Return the URL of the first page of this list for another query."""
        return self._address.of(query)

    @property
    def _address(self) -> ListUrl:
        sort = self.parameters.get("sort", "")
        return ListUrl(self.url, "" if sort == self.kind.default_sort else sort)

    @cached_property
    def chips(self) -> FilterChips:
        words = vocabulary.get(self.kind.model)
        context = SearchContext.of(self.user)
        menus = FilterMenus(self.query, self._address, self.filter.choices())
        return FilterChips(menus, words, context)

    @cached_property
    def limited_rows(self) -> QuerySet[Any]:
        """Return all matching rows, up to the query's limit."""
        if self.result is None or self.result.limit is None:
            return self.rows
        first = self.order.apply(self.rows)[: self.result.limit]
        return self.visible.filter(pk__in=first.values("pk"))

    def read(self) -> Page[Any]:
        """Read the requested page, and the count if that's quick. Raises CursorError.

        A query that the database rejects becomes the problem shown on the page.
        """
        try:
            # The beginning of an index needs no limit.
            page = self._first_page() or slow_searches.run("rows", self.text, self.user, self._page)
        except QueryError as error:
            self.problem = error.problem
            return Page([], after="", before="")
        self.count, self.is_count_late = self._count(page)
        return page

    def _first_page(self) -> Page[Any] | None:
        """Return the first page without a search, or None if another one was requested."""
        everything = self.kind.everything
        if everything is None or self.text or any(self._cursors):
            return None
        return everything.page(self.sort, self.user.organization_id)

    def _page(self) -> Page[Any]:
        after, before = self._cursors
        rows, columns = self.limited_rows, self.kind.reads
        return page_of(rows, self.order, after=after, before=before, columns=columns)

    @property
    def _cursors(self) -> tuple[str, str]:
        return self.parameters.get("after", ""), self.parameters.get("before", "")

    def _count(self, page: Page[Any]) -> tuple[Count, bool]:
        """Return the count, and whether the page has to ask for it once the rows are shown."""
        if not page.after and not any(self._cursors):
            return Count(len(page.rows), capped=False), False  # all of them are on this page
        if known := cache.get(self._count_key):
            return known, False
        try:
            with time_limit("count", self.text):
                count = self._count_all()
        except QueryError:
            return Count(len(page.rows), capped=True), True
        if count.capped:
            cache.set(self._count_key, count, COUNT_SECONDS)
        return count, False

    def _count_all(self) -> Count:
        if not self.text and self.kind.everything:
            return self.kind.everything.count(self.user.organization_id)
        return count_of(self.rows, self.result.limit if self.result else None)

    def count_late(self) -> bool:
        """Count rows after the page was shown. Return whether it succeeded."""
        if self.problem:
            return False
        try:
            self.count = slow_searches.run("late_count", self.text, self.user, self._count_all)
        except QueryError:
            return False
        cache.set(self._count_key, self.count, COUNT_SECONDS)
        return True

    @property
    def _count_key(self) -> str:
        """Return the key of this person's count, because others may see other rows of a search."""
        if not self.text and self.kind.everything:
            return cache_key("count_all", self.user.organization_id, self.kind.model)
        return cache_key("late_count", self.user.pk, f"{self.kind.model} {self.text}")

    @property
    def retry(self) -> int:
        """Return the number of the next attempt if other slow searches are in the way, or 0."""
        if self.problem is None or self.problem.code is not Code.BUSY:
            return 0
        attempt = self.request.headers.get("X-Attempt", "")
        attempts = int(attempt) if attempt in map(str, range(MOST_RETRIES + 1)) else 0
        return attempts + 1 if attempts < MOST_RETRIES else 0

    @property
    def headings(self) -> list[Heading]:
        columns = [each for each in self.kind.columns if not each.name or each.name in self.shown]
        headings = [Heading(column, self.sort) for column in columns]
        return [replace(each, url=self.sort_url(each.sort)) for each in headings]

    @property
    def sort_label(self) -> str:
        column = self.kind.column_of(self.sort)
        return column.label if column else "Custom order"

    @property
    def sorts(self) -> list[Option]:
        """Return the options of the menu that sorts."""
        found = []
        for sort in self.kind.orders:
            if column := self.kind.column_of(sort):
                label = f"{column.label} {'↓' if sort.startswith('-') else '↑'}"
                found.append(Option(label, self.sort_url(sort), is_chosen=sort == self.sort))
        return found

    def sort_url(self, sort: str) -> str:
        """Return the URL of this list in another order, which replaces the query's own."""
        is_usual = sort in {"", self.kind.default_sort}
        return self._unsorted if is_usual else f"{self._unsorted}&sort={sort}"

    @cached_property
    def _unsorted(self) -> str:
        return ListUrl(self.url).of(replace(self.query, sort=()))

    @cached_property
    def view(self) -> SavedView | None:
        """Return the open view. A changed search isn't a view anymore."""
        pk = row_id(self.parameters.get("view", ""))
        if pk is None:
            return None
        views = SavedView.objects.visible_to(self.user).filter(model=self.kind.model, pk=pk)
        return next((view for view in views if view.query == self.typed), None)

    @property
    def title(self) -> str:
        return self.view.name if self.view else self.kind.title

    @cached_property
    def shown(self) -> frozenset[str]:
        """Return the names of the shown columns, of those that can be hidden."""
        return list_columns.shown(self.request, self.kind, self.view)

    @property
    def exported(self) -> dict[str, Callable[[Any], Any]]:
        """Return the columns of the download: the chosen ones, or all."""
        chosen = self.parameters.getlist("columns")
        known = self.kind.exported
        return {name: read for name, read in known.items() if not chosen or name in chosen}

    @property
    def filters_used(self) -> bool:
        return any(self.parameters.get(name) for name in self.filter.filters)

    @property
    def is_narrowed(self) -> bool:
        """Return whether someone searched. Some lists have a filter from the start."""
        return bool(self.typed) or self.filters_used

    @property
    def filters_as_query(self) -> str:
        """Return the query if the URL has filters, which are terms of it."""
        return self.text if self.filters_used else ""

    @property
    def can_be_saved(self) -> bool:
        """Return whether there's a search, an order, or a choice of columns to save as a view."""
        if self.problem or self.view or not SavedView.can_be_of(self.kind.model, self.user):
            return False
        return bool(self.query_to_save or list_columns.of_list(self.request, self.kind.model))

    @property
    def view_parameters(self) -> str:
        return urlencode({"model": self.kind.model, "q": self.query_to_save})

    @property
    def query_to_save(self) -> str:
        """Return the query with the list's order as its `sort:`."""
        column = None if self.query.sort else self.kind.column_of(self.sort)
        if column is None or not column.field or self.sort == self.kind.default_sort:
            return self.text
        key = SortKey(0, 0, Name(0, 0, column.field), self.sort.startswith("-"))
        return str(replace(self.query, sort=(key,)))

    def without_one_term(self) -> list[ShorterQuery]:
        """Return what the query would find without each of its terms.

        Shows which term excludes all rows. Stops at MOST_SUGGESTED or after SUGGESTING_SECONDS.
        """
        if len(terms_of(self.query)) < 2:
            return []
        found: list[ShorterQuery] = []
        end = monotonic() + settings.SEARCH_SECONDS["suggestions"]
        for index in range(min(len(terms_of(self.query)), MOST_SUGGESTED)):
            try:
                with time_limit(end - monotonic(), self.text):
                    found.append(self._without(index))
            except QueryError:
                break
        return [without for without in found if without.count.number]

    def _without(self, index: int) -> ShorterQuery:
        terms = terms_of(self.query)
        shorter = str(with_terms(self.query, [*terms[:index], *terms[index + 1 :]]))
        rows = queryset.filter_by_query(self.visible, shorter, self.user).rows
        return ShorterQuery(str(terms[index]), shorter, count_of(rows))


def render_list(
    request: HttpRequest, listing: Listing, template: str, part: str, **context: Any
) -> HttpResponse:
    """Render the page, or the part that htmx replaces. A bad cursor redirects to the first page."""
    htmx = request.htmx  # type: ignore[attr-defined]  # its middleware adds it
    if htmx and "count" in request.GET:
        is_counted = listing.count_late()
        if not is_counted:
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        return render(request, "search/_total.html", {"listing": listing})
    try:
        page = listing.read()
    except CursorError:
        return redirect(request.path)
    if listing.result and not listing.problem:
        recent.add(request, listing.kind.model, listing.typed)
    shown = part if htmx and not htmx.boosted else template
    response = render(request, shown, {"listing": listing, "page": page, **context})
    return slow_searches.marked(response, listing.problem)
