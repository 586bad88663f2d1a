from typing import Any

from django import template

from search import Code, Problem
from search.answering.list_actions import ListAction, actions_of
from search.answering.list_pages import Listing
from search.guidance.markup import with_code
from search.models import SavedView

register = template.Library()
register.filter(with_code)


@register.filter
def can_save_views(user: Any) -> bool:
    """Return whether the user can save views of anything. Error pages may have no user."""
    return bool(user) and any(SavedView.can_be_of(model, user) for model in SavedView.Model)


@register.simple_tag(name="list_actions")
def actions_for(listing: Listing) -> list[ListAction]:
    """Return what can be done with the rows of a list."""
    return actions_of(listing.kind.model)


@register.inclusion_tag("search/_problem.html", takes_context=True)
def problem(context: Any, problem: Problem, text: str, tone: str) -> dict[str, Any]:
    """Show an error or a warning, and mark the text that it's about, if it's about one."""
    if problem.code is Code.BUSY:
        text = ""
    return {
        "request": context["request"],
        "problem": problem,
        "tone": tone,
        "before": text[: problem.start],
        "marked": text[problem.start : problem.end],
        "after": text[problem.end :],
    }
