from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from search.answering import list_columns
from search.models import SavedView
from search.words import vocabulary
from smscenter.database.row_ids import row_id
from smscenter.own_urls import own_url

LONGEST = 30  # characters of a column's name
MOST = 20


@require_POST
def list_columns_chosen(request: HttpRequest) -> HttpResponse:
    """Store the columns that a person wants to see in a list, or in one of its views."""
    model = request.POST.get("model", "")
    if model not in {each.key for each in vocabulary.available_to(request.user)}:
        raise Http404
    view = None
    if pk := request.POST.get("view", ""):
        views = SavedView.objects.visible_to(request.user).filter(model=model)
        view = get_object_or_404(views, pk=row_id(pk))
    names = [name for name in request.POST.getlist("columns")[:MOST] if len(name) <= LONGEST]
    list_columns.choose(request, model, names, view)
    list_page = vocabulary.get(model).page
    return redirect(own_url(request, request.POST.get("next", ""), list_page))
