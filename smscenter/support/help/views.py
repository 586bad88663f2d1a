from contextlib import suppress
from time import monotonic
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

import search
from messaging.diagnosis import code_map
from search.language.errors import QueryError
from search.limits import time_limit
from search.words.counting import count_of
from smscenter.support.help import article, article_search
from smscenter.support.help.article import Article
from smscenter.support.help.forms import FeedbackForm, is_thanked, remember

TOO_MANY = "We got too much feedback today, so yours wasn't saved. Try again tomorrow."


@login_not_required
@require_safe
def help_index(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    found = article_search.search(query) if query else []
    context = {"query": query, "found": found, "articles": list(article.library().values())}
    return render(request, "help/index.html", context)


@require_safe
def help_codes(request: HttpRequest) -> HttpResponse:
    """Explain the codes of the carriers in use. Only for users, because staff can edit them."""
    query = request.GET.get("q", "").strip()
    rows = code_map.explained(query)
    is_mixed = len({row.carrier for row in rows}) > 1
    context = {"query": query, "rows": rows, "is_mixed": is_mixed}
    return render(request, "help/codes.html", context)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def help_article(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an article. A POST sends feedback."""
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
        "is_thanked": is_thanked(request, page.slug),
    }
    return render(request, "help/article.html", context, status=status)


def _counts(user: Any, page: Article) -> dict[str, str]:
    """Return the number of this person's leads for each query, if it's quick to count."""
    if not getattr(user, "organization_id", None):
        return {}
    counts: dict[str, str] = {}
    # People come for the article, so its counts must not delay it.
    end = monotonic() + settings.SEARCH_SECONDS["article"]
    for query in page.queries:
        left = end - monotonic()
        if left <= 0:
            break
        # One slow query leaves time for the others.
        with suppress(QueryError), time_limit(left / 2, query):
            count = count_of(search.run("lead", query, user).rows)
            counts[query] = f"{count} lead{'' if count.number == 1 else 's'}"
    return counts


def _feedback(request: HttpRequest, page: Article) -> HttpResponse:
    """Save one answer per reader and article."""
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return _show(request, page, form, status=422)
    response = redirect(f"{page.get_absolute_url()}#feedback")
    if form.save_once(request, page.slug):
        remember(request, response, page.slug)
    else:
        messages.error(request, TOO_MANY)
    return response
