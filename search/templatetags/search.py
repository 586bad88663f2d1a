import re
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from search import Problem

register = template.Library()


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


@register.filter
def with_code(text: str) -> SafeString:
    """Mark up text in backticks as code."""
    return mark_safe(re.sub("`([^`]+)`", r"<code>\1</code>", escape(text)))  # noqa: S308  # escaped before
