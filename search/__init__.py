"""The search language: `parse` reads it, a vocabulary says what its words mean, `run` answers."""

from search.complete import Suggestion, complete
from search.errors import Code, Problem, QueryError
from search.parsing import parse
from search.reference import WordDoc, reference
from search.searching import Result, run
from search.tree import Query

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
