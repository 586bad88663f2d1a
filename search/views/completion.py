from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from search import complete, reference
from search.answering import recent
from search.words import vocabulary
from smscenter.database.replica.reading import from_replica

MOST = 12


@require_GET
@from_replica
def search_complete(request: HttpRequest) -> HttpResponse:
    """Return suggestions for the cursor: the options of the search box's combobox."""
    text = request.GET.get("q", "")
    cursor = request.GET.get("cursor", "")
    position = min(int(cursor), len(text)) if cursor.isdecimal() and len(cursor) < 9 else len(text)
    model = model_of(request)
    context = {
        "suggestions": complete(model, text, position, request.user)[:MOST],
        "recent": [] if text.strip() else recent.of(request, model),
    }
    return render(request, "search/_suggestions.html", context)


@require_GET
def search_reference(request: HttpRequest) -> HttpResponse:
    """List all search fields, with examples that work on the user's own rows."""
    model = model_of(request)
    context = {
        "model": model,
        "vocabularies": vocabulary.available_to(request.user),
        "words": reference(model, request.user),
        "list_url": list_url(model),
    }
    return render(request, "search/reference.html", context)


def list_url(model: str) -> str:
    return reverse(vocabulary.get(model).page)


def model_of(request: HttpRequest) -> str:
    """Return the searched model: `?model=lead`. Raises Http404 if the user can't search it."""
    model = request.GET.get("model", "lead")
    if model not in {each.key for each in vocabulary.available_to(request.user)}:
        raise Http404
    return model
