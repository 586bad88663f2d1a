"""Search fields for short texts, such as error codes, of which there are few different ones."""

from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Q

from search.language.tree import Value
from search.words.columns import Column
from search.words.context import SearchContext
from search.words.text_fields import TextField
from search.words.text_lookups import search_words, words_of
from smscenter.database.replica import reading

# With more, comparing all rows is as good.
MOST = 1_000
# Jumps from one value to the next in an index that begins with the organization and the column.
# Reading all rows takes a thousand times as long.
DISTINCT = """WITH RECURSIVE found(codes) AS (
  SELECT min({column}) FROM {table} WHERE organization_id = %s AND {column} IS NOT NULL
  UNION ALL
  SELECT (SELECT min({column}) FROM {table} WHERE organization_id = %s AND {column} > found.codes)
    FROM found WHERE found.codes IS NOT NULL
) SELECT codes FROM found WHERE codes IS NOT NULL LIMIT {most}
"""


@dataclass(frozen=True)
class CodesColumn(Column):
    """Short texts of a row, one per line, one of which has to match.

    Only whole columns can be looked up in their index, so the values that match are found first.
    """

    model: str = field(kw_only=True)

    def q(self, lookup: str, value: Any, context: SearchContext) -> Q:
        known = context.once((self.model, self.path), lambda: self._distinct(context))
        if len(known) > MOST:
            return super().q(lookup, value, context)
        found = [codes for codes in known if any(_matches(code, lookup, value) for code in codes)]
        return Q(**{f"{self.path}__in": ["\n".join(codes) for codes in found]})

    def _distinct(self, context: SearchContext) -> list[list[str]]:
        model = apps.get_model(self.model)
        table, column = model._meta.db_table, model._meta.get_field(self.path).column
        sql = DISTINCT.format(table=table, column=column, most=MOST + 1)
        with reading.connection().cursor() as cursor:
            cursor.execute(sql, [context.organization_id] * 2)
            return [codes.split("\n") for (codes,) in cursor.fetchall()]


def _matches(code: str, lookup: str, value: str) -> bool:
    """Compare a code as the lookup of this name does."""
    if lookup == "contains":
        return value in code
    needle = f" {' '.join(words_of(value))}{' ' if lookup == 'phrase' else ''}"
    return needle in (search_words(code) or "")


@dataclass(frozen=True)
class CodesField(TextField):
    """Codes, of which few rows have any, searched by their words."""

    def filled(self, context: SearchContext) -> Q:
        return self.column.is_known()

    def is_selective(self, value: Value, context: SearchContext) -> bool:
        return not value.is_none
