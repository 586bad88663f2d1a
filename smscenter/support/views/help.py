from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

import search
from search.paging import count_of
from smscenter.support import article, article_search
from smscenter.support.article import Article
from smscenter.support.feedback_form import FeedbackForm, is_thanked, remember

TOO_MANY = "We got too much feedback today, so yours wasn't saved. Try again tomorrow."


@login_not_required
@require_safe
def help_index(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    found = article_search.search(query) if query else []
    context = {"query": query, "found": found, "articles": list(article.library().values())}
    return render(request, "help/index.html", context)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def help_article(request: HttpRequest, slug: str) -> HttpResponse:
    """The article; a POST says whether it helped."""
    try:
        page = article.get(slug)
    except KeyError as error:
        raise Http404 from error
    if request.method == "POST":
        return _feedback(request, page)
    return _show(request, page, FeedbackForm())


def _show(
    request: HttpRequest, page: Article, feedback: FeedbackForm, status: int = 200
) -> HttpResponse:
    context = {
        "article": page,
        "html": page.html_with(_counts(request.user, page)),
        "feedback": feedback,
        "told": is_thanked(request, page.slug),
    }
    return render(request, "help/article.html", context, status=status)


def _counts(user: Any, page: Article) -> dict[str, str]:
    """What each query of the article finds among the leads of this person."""
    if not getattr(user, "organization_id", None):
        return {}
    counts = {query: count_of(search.run("lead", query, user).rows) for query in page.queries}
    return {
        query: f"{count} lead{'' if count.number == 1 else 's'}" for query, count in counts.items()
    }


def _feedback(request: HttpRequest, page: Article) -> HttpResponse:
    """Keep one answer of each reader for each article."""
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return _show(request, page, form, status=422)
    response = redirect(f"{page.get_absolute_url()}#feedback")
    if form.keep(request, page.slug):
        remember(request, response, page.slug)
    else:
        messages.error(request, TOO_MANY)
    return response
