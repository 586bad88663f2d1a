from typing import Any

from django import template

from search import Problem
from search.guidance.markup import with_code

register = template.Library()
register.filter(with_code)


@register.inclusion_tag("search/_problem.html", takes_context=True)
def problem(context: Any, problem: Problem, text: str, tone: str) -> dict[str, Any]:
    """Show an error or a warning, and mark the text that it's about."""
    return {
        "request": context["request"],
        "problem": problem,
        "tone": tone,
        "before": text[: problem.start],
        "marked": text[problem.start : problem.end],
        "after": text[problem.end :],
    }
