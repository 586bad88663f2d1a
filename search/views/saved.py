"""Pages of saved views."""

from collections.abc import Callable, Sequence
from functools import cache, wraps
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from search.answering import list_columns
from search.answering.view_counts import KeptCounts, ViewCount
from search.forms import SavedViewForm
from search.models import SavedView
from search.views.completion import list_url, model_of
from search.words import vocabulary
from smscenter import undo
from smscenter.database.prepared import PreparedRows
from smscenter.wording import quote

MOST_IN_SIDEBAR = 30
VIEWS_A_PAGE = 50
MOST_ATTEMPTS = 4


def url_of(view: SavedView) -> str:
    query = QueryDict(mutable=True)
    query.update({"q": view.query, "view": str(view.pk)})
    return f"{list_url(view.model)}?{query.urlencode()}"


Row = tuple[SavedView, str, ViewCount]


def rows_of(views: Sequence[SavedView], counts: KeptCounts) -> list[Row]:
    """Return each view with its URL and its cached count."""
    return [(view, url_of(view), counts[view]) for view in views]


def own(
    view: Callable[[HttpRequest, SavedView], HttpResponse],
) -> Callable[[HttpRequest, int], HttpResponse]:
    """Pass the user's own saved view to `view`. Other views are a 404, including shared ones.

    This is the outermost decorator, so the response is the same for every method.
    """

    @wraps(view)
    def gate(request: HttpRequest, pk: int) -> HttpResponse:
        views = SavedView.objects.visible_to(request.user)
        return view(request, get_object_or_404(views, pk=pk, owner=request.user))

    return gate


def in_sidebar(user: Any) -> list[SavedView]:
    """Return the views in the sidebar, and one more if there are more: then a link is shown."""
    models = SavedView.models_for(user)
    return _in_sidebar(models)(user.pk, user.organization_id or 0) if models else []


@cache
def _in_sidebar(models: tuple[str, ...]) -> PreparedRows:
    def views(user: int, organization: int) -> QuerySet[Any]:
        rows = SavedView.objects.of(user, organization, models).own_first(user)
        return rows.only("organization", "name", "model", "query")[: MOST_IN_SIDEBAR + 1]

    return PreparedRows(views)


def page_of_views(request: HttpRequest) -> Page[SavedView]:
    views = SavedView.objects.visible_to(request.user).own_first(request.user)
    return Paginator(views.select_related("owner"), VIEWS_A_PAGE).get_page(request.GET.get("page"))


@require_GET
def saved_view_sidebar(request: HttpRequest) -> HttpResponse:
    """Load the sidebar after the page, so that no page waits for it. Counts come later still."""
    views = in_sidebar(request.user)
    shown = views[:MOST_IN_SIDEBAR]
    counts = KeptCounts(shown, request.user)
    context = {
        "views": rows_of(shown, counts),
        "has_more": len(views) > len(shown),
        "is_late": counts.are_late,
    }
    counts.count_due()
    return render(request, "search/_sidebar.html", context)


@require_GET
def saved_view_list(request: HttpRequest) -> HttpResponse:
    page = page_of_views(request)
    views = list(page)
    counts = KeptCounts(views, request.user)
    searchable = vocabulary.available_to(request.user)[:1]
    context = {
        "page": page,
        "views": rows_of(views, counts),
        "is_late": counts.are_late,
        "list_url": list_url(searchable[0].key) if searchable else "",
        "nouns": searchable[0].nouns if searchable else "",
    }
    return render(request, "search/saved_view_list.html", context)


@require_GET
def saved_view_counts(request: HttpRequest) -> HttpResponse:
    """Return the counts of views on a page, and have those counted that are due.

    With `page`, they're the views on that page of the list, otherwise those in the sidebar.
    `attempt` is the number of requests that the page has made.
    """
    in_list = "page" in request.GET
    views = list(page_of_views(request)) if in_list else in_sidebar(request.user)[:MOST_IN_SIDEBAR]
    KeptCounts(views, request.user).count_due()
    attempt = request.GET.get("attempt", "")
    attempts = int(attempt) if attempt in map(str, range(1, MOST_ATTEMPTS + 1)) else 0
    counts = KeptCounts(views, request.user)
    context = {
        "counts": counts.counted(),
        "is_late": attempts < MOST_ATTEMPTS and counts.are_late,
        "attempt": attempts + 1,
        "delay": 2**attempts,  # seconds: polls less often each time
    }
    return render(request, "search/_view_counts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def saved_view_new(request: HttpRequest) -> HttpResponse:
    """Save the query of a list page under a name."""
    model = model_of(request)
    if not SavedView.can_be_of(model, request.user):
        raise Http404
    view = SavedView.of(model, request.user)
    view.columns = list_columns.of_list(request, model)
    initial = {"query": request.GET.get("q", "")}
    return edited(request, SavedViewForm(request.POST or None, instance=view, initial=initial))


@own
@require_http_methods(["GET", "HEAD", "POST"])
def saved_view_edit(request: HttpRequest, view: SavedView) -> HttpResponse:
    return edited(request, SavedViewForm(request.POST or None, instance=view))


def edited(request: HttpRequest, form: SavedViewForm) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        if form.instance._state.adding:
            last = SavedView.objects.filter(owner=form.instance.owner).aggregate(Max("position"))
            form.instance.position = (last["position__max"] or 0) + 1
        return redirect(url_of(form.save()))
    status = 422 if form.errors else 200
    return render(request, "search/saved_view_form.html", {"form": form}, status=status)


@own
@require_POST
def saved_view_delete(request: HttpRequest, view: SavedView) -> HttpResponse:
    text = f"Deleted the view {quote(view.name)}."
    undo.notify(request, undo.offer(request, text, "deletion", undo.deletion([view])))
    view.delete()
    return redirect("saved_view_list")


@own
@require_POST
def saved_view_move(request: HttpRequest, moved: SavedView) -> HttpResponse:
    """Move a view up or down by one among the user's own views."""
    step = -1 if request.POST.get("to") == "up" else 1
    with transaction.atomic():
        views = list(SavedView.objects.select_for_update().filter(owner=moved.owner))
        index = views.index(moved)
        if 0 <= index + step < len(views):
            views[index], views[index + step] = views[index + step], views[index]
        for position, view in enumerate(views, start=1):
            view.position = position
        SavedView.objects.bulk_update(views, ["position"])
    return redirect("saved_view_list")
