from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django import template
from django.utils.safestring import SafeString

from search import Code, Problem
from search.answering.filters import Option
from search.answering.list_actions import ListAction, actions_of
from search.answering.list_pages import Listing
from search.guidance.markup import with_code
from search.models import SavedView
from smscenter.row_templates import render_rows

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


@register.simple_tag
def headings(listing: Listing) -> SafeString:
    return render_rows("search/_heading.html", listing.headings)


@register.simple_tag
def menu_options(options: Sequence[Option]) -> SafeString:
    return render_rows("search/_option.html", options)


class ExamplesKind(NamedTuple):
    model: str
    examples: tuple[tuple[str, str], ...]
    can_save_views: bool


@dataclass(frozen=True)
class Examples:
    kind: ExamplesKind


@register.simple_tag
def search_examples(listing: Listing) -> SafeString:
    """Show examples of searches, which are the same for everyone who may save views."""
    model, examples = listing.kind.model, tuple(listing.kind.examples)
    kind = ExamplesKind(model, examples, can_save_views(listing.user))
    return render_rows("search/_examples.html", [Examples(kind)])


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
