"""Saved views: a query with a name, one's own or shared."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from search import searching
from search.errors import QueryError
from search.forms import SavedViewForm
from search.models import SavedView
from search.paging import Count, count_of
from search.views.completion import list_url, model_of


def url_of(view: SavedView) -> str:
    query = QueryDict(mutable=True)
    query.update({"q": view.query, "view": str(view.pk)})
    return f"{list_url(view.model)}?{query.urlencode()}"


def count_in(view: SavedView, user: Any) -> Count | None:
    """How many rows a view has for this person; nothing for one that no longer works."""
    try:
        rows = searching.run(view.model, view.query, user).rows
    except QueryError:
        return None
    return count_of(rows)


def own(
    view: Callable[[HttpRequest, SavedView], HttpResponse],
) -> Callable[[HttpRequest, int], HttpResponse]:
    """Gives a person's own saved view to `view`; 404 for others, also for those that are shared.

    Stands outermost, so that the answer is the same for every method.
    """

    @wraps(view)
    def gate(request: HttpRequest, pk: int) -> HttpResponse:
        views = SavedView.objects.visible_to(request.user)
        return view(request, get_object_or_404(views, pk=pk, owner=request.user))

    return gate


@require_GET
def saved_view_sidebar(request: HttpRequest) -> HttpResponse:
    """Asked for by an open page, so that no page waits for the counts."""
    views = SavedView.objects.visible_to(request.user).select_related("owner")
    rows = [(view, url_of(view), count_in(view, request.user)) for view in views]
    return render(request, "search/_sidebar.html", {"views": rows})


@require_GET
def saved_view_list(request: HttpRequest) -> HttpResponse:
    views = SavedView.objects.visible_to(request.user).select_related("owner")
    rows = [(view, url_of(view), count_in(view, request.user)) for view in views]
    return render(request, "search/saved_view_list.html", {"views": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def saved_view_new(request: HttpRequest) -> HttpResponse:
    """Save the query of a list page under a name."""
    user: Any = request.user
    model = model_of(request)
    if not SavedView.can_be_of(model, user):
        raise Http404
    view = SavedView(organization_id=user.organization_id, owner=user, model=model)
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
def saved_view_delete(request: HttpRequest, view: SavedView) -> HttpResponse:  # noqa: ARG001
    view.delete()
    return redirect("saved_view_list")


@own
@require_POST
def saved_view_move(request: HttpRequest, moved: SavedView) -> HttpResponse:
    """Up or down by one among the person's own views."""
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
