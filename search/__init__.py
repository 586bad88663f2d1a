"""The search language: `parse` reads it, a vocabulary says what its words mean, `run` answers."""

from search.errors import Code, Problem, QueryError
from search.parsing import parse
from search.searching import Result, run
from search.tree import Query

__all__ = ["Code", "Problem", "Query", "QueryError", "Result", "parse", "run"]
