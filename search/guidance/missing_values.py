"""Show an example of the value that's missing at the end of a query: `failed_sms > 1`."""

from dataclasses import replace

from search.language.errors import Problem
from search.language.syntax_errors import missing_value, unfinished
from search.language.tree import quoted
from search.words.context import SearchContext
from search.words.vocabulary import Vocabulary

EXAMPLES = {"sort": "sort:-created", "limit": "limit:5", "slice": "slice:2/10"}


def with_example(
    problem: Problem, text: str, vocabulary: Vocabulary, context: SearchContext
) -> Problem:
    """Add an example to the message, if the vocabulary has one for the field."""
    begun = unfinished(text)
    is_inside = "(" in text and not text.rstrip().endswith("(")  # maybe another vocabulary's field
    if begun is None or is_inside or problem.start < len(text):
        return problem
    example = _example(*begun, vocabulary, context)
    return replace(problem, message=missing_value(text, example)) if example else problem


def _example(name: str, operator: str, vocabulary: Vocabulary, context: SearchContext) -> str:
    key = name.strip('"').lower()
    if key == "has":
        return f"has:{vocabulary.has_names(context)[0]}"
    if key == "in":
        views = context.saved_views(vocabulary.key)
        return f"in:{quoted(views[0].name)}" if views else ""
    found = vocabulary.field(key, context)
    if found is None:
        return EXAMPLES.get(key, "")
    if operator[0] not in "<>" or operator not in found.operators:
        return found.example_for(context)
    return f"{name} {operator} {'3 days ago' if found.kind == 'date' else 1}"
