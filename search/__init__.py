"""The search language: `parse` reads it, and a vocabulary says what its words mean."""

from search.errors import Code, Problem, QueryError
from search.parsing import parse
from search.tree import Query

__all__ = ["Code", "Problem", "Query", "QueryError", "parse"]
