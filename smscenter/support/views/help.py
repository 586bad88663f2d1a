from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from smscenter.support import article, article_search


@login_not_required
@require_safe
def help_index(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    found = article_search.search(query) if query else []
    context = {"query": query, "found": found, "articles": list(article.library().values())}
    return render(request, "help/index.html", context)


@login_not_required
@require_safe
def help_article(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        found = article.get(slug)
    except KeyError as error:
        raise Http404 from error
    return render(request, "help/article.html", {"article": found})
