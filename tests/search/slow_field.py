"""Define a search field that takes the database some seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from leads.hooks.vocabulary import leads
from search.language.tree import Value
from search.words.columns import Column
from search.words.context import SearchContext
from search.words.text_fields import TextField

# The count is finite, so that a test fails without a time limit instead of hanging.
COUNTING = """
    (WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 2000000)
     SELECT count(*) FROM counted) > 0
"""


@dataclass(frozen=True)
class Slow(TextField):
    def matching(self, _operator: str, value: Value, _context: SearchContext) -> Q:
        if value.text == "broken":
            raise ZeroDivisionError
        return Q(RawSQL(COUNTING, [], output_field=BooleanField()))


@contextmanager
def slow_field() -> Iterator[None]:
    """Add a field: `slow:x` matches every lead after a while, and `slow:broken` has a bug."""
    leads.add(Slow("slow", Column("name"), meaning="Slow.", example="slow:x"))
    try:
        yield
    finally:
        leads.fields.pop()
        del leads._by_name["slow"]
