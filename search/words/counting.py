"""Count rows, up to a limit."""

from typing import Any

from django.db import connection
from django.db.models import ForeignKey, QuerySet
from django.db.models.expressions import Col
from django.db.models.lookups import Exact, In

from search import limits
from search.limits import Count
from search.words.related_rows import Related, guess_of
from search.words.text_lookups import PhraseLookup, WordsLookup

# So many related rows are read to see whether more rows than the limit have one, if PostgreSQL
# expects so many rows. It often expects a third of those that there are, or fewer.
PART = 2 * limits.COUNT_LIMIT
EXPECTED = limits.COUNT_LIMIT // 3


def count_of(rows: QuerySet[Any], limit: int | None = None) -> Count:
    """Return the number of rows, up to the query's own limit.

    For the leads that have a common word in a text, PostgreSQL reads all these texts. For
    "10,000+", some are enough.
    """
    most = min(limits.COUNT_LIMIT + 1, limit or limits.COUNT_LIMIT + 1)
    some = _some_of(rows)
    if some is not None and guess_of(rows.order_by()) >= EXPECTED and _number(some, most) == most:
        return Count.of(most)
    return Count.of(_number(rows, most))


def _number(rows: QuerySet[Any], most: int) -> int:
    return rows.order_by()[:most].count()


def _some_of(rows: QuerySet[Any]) -> QuerySet[Any] | None:
    """Return some of the rows, which PostgreSQL finds sooner, or None if there's no such way."""
    if connection.vendor == "sqlite":
        return None
    some = rows.all()
    terms: list[Any] = some.query.where.children
    for each in terms:
        match each:
            case Exact(lhs=Related(owners=QuerySet() as owners)):
                terms.remove(each)
                part = owners.all()
                _ask_for_whole_words(part)
                return some.filter(pk__in=part[:PART])
            case In(lhs=Col(target=ForeignKey() as key)) if key.db_index:  # type: ignore[attr-defined]  # stubs
                # Its index has no organization, so PostgreSQL would join it with all rows of one.
                terms.remove(each)
                part = rows.model._base_manager.filter(**{f"{key.name}__in": each.rhs})
                return some.filter(pk__in=part.order_by().values("pk")[:PART])
    return some if _ask_for_whole_words(some) else None


def _ask_for_whole_words(rows: QuerySet[Any]) -> bool:
    """Leave out words that only begin as asked. Return whether there's a term about words.

    PostgreSQL's index takes three times as long for the beginning of a word.
    """
    terms: list[Any] = rows.query.where.children
    beginnings = [each for each in terms if type(each) is WordsLookup]
    for each in beginnings:
        terms[terms.index(each)] = PhraseLookup(each.lhs, each.rhs)
    return bool(beginnings)
