"""Search rows with queries: text is parsed, compiled with a vocabulary, and run.

`language` parses, `words` defines search fields, `guidance` explains, `answering` reads rows.
"""

from search.answering.queryset import Result, run
from search.guidance.completion import Suggestion, complete
from search.guidance.reference import FieldDoc, reference
from search.language.errors import Code, Problem, QueryError
from search.language.parser import parse
from search.language.tree import Query

__all__ = [
    "Code",
    "FieldDoc",
    "Problem",
    "Query",
    "QueryError",
    "Result",
    "Suggestion",
    "complete",
    "parse",
    "reference",
    "run",
]
