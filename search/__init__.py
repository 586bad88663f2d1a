"""The search language: `parse` reads it, a vocabulary says what its words mean, `run` answers."""

from search.answering.queryset import Result, run
from search.guidance.completion import Suggestion, complete
from search.guidance.reference import WordDoc, reference
from search.language.errors import Code, Problem, QueryError
from search.language.parser import parse
from search.language.tree import Query

__all__ = [
    "Code",
    "Problem",
    "Query",
    "QueryError",
    "Result",
    "Suggestion",
    "WordDoc",
    "complete",
    "parse",
    "reference",
    "run",
]
