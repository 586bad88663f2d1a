"""Run a query, or filter a queryset by one."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from search.answering.compiler import Compiler, OrderName
from search.answering.fixes import Fixer
from search.guidance.interpretation import describe_query
from search.guidance.missing_values import with_example
from search.language.errors import Problem, QueryError
from search.language.parser import normalize, parse
from search.language.tree import Query
from search.limits import time_limit
from search.words.context import SearchContext
from search.words.vocabulary import for_model, get


@dataclass(frozen=True)
class Result:
    """The rows of a query, filtered but neither ordered nor limited.

    `order` is for `order_by`, and empty without `sort:`. `rows` are limited to the slice.
    """

    query: Query
    rows: QuerySet[Any]
    order: tuple[OrderName, ...]
    limit: int | None
    slice: tuple[int, int] | None
    interpretation: str
    fixer: Fixer

    @cached_property
    def warnings(self) -> tuple[Problem, ...]:
        """Return warnings with fixes that compile. Computed on access, because that takes time."""
        return self.fixer.warnings(self.query)


def run(model_name: str, text: str, user: Any, at: datetime | None = None) -> Result:
    """Search the rows of a model that this user can see. Raises QueryError."""
    return filter_by_query(get(model_name).visible_to(user), text, user, at)


def filter_by_query(
    rows: QuerySet[Any], text: str, user: Any, at: datetime | None = None
) -> Result:
    """Filter rows by a query. Raises QueryError."""
    vocabulary = for_model(rows.model)
    text, context, query = normalize(text), SearchContext.of(user, at), None
    fixer = Fixer(text, vocabulary, context.for_another_query(), rows)
    try:
        query = parse(text)
        compiler = Compiler(text, vocabulary, context)
        where = compiler.where(query)
        order = compiler.order(query)
    except QueryError as error:
        error.prepare = partial(fixer.error, query=query)
        raise
    return Result(
        query=query,
        rows=rows.filter(where),
        order=order,
        limit=query.limit,
        slice=query.slice,
        interpretation=describe_query(query, vocabulary, context),
        fixer=fixer,
    )


Rows = TypeVar("Rows", bound=QuerySet[Any])


class Searchable:
    """A mixin for the queryset of a searchable model."""

    def search(self: Rows, text: str, *, user: Any, at: datetime | None = None) -> Rows:  # type: ignore[misc]  # it is mixed into a queryset
        """Filter, order, and limit rows by a query. Raises QueryError.

        With `limit:` the queryset is sliced, so it can't be filtered again.
        """
        result = filter_by_query(self, text, user, at)
        rows = cast("Rows", result.rows)
        ordered = rows.order_by(*result.order) if result.order else rows
        return ordered[: result.limit] if result.limit else ordered


def validate(
    model_name: str, text: str, user: Any, *, view: int | None = None, at: datetime | None = None
) -> None:
    """Raise QueryError for an invalid query, or one that the database can't plan.

    `view` is the ID of the view that the query is for: it can't refer to itself.
    """
    vocabulary, context = get(model_name), SearchContext.of(user, at)
    compiler = Compiler(text, vocabulary, context, () if view is None else (view,))
    try:
        query = parse(text)
    except QueryError as error:
        error.prepare = partial(with_example, text=text, vocabulary=vocabulary, context=context)
        raise
    with time_limit("rows", text):
        rows = vocabulary.visible_to(user).filter(compiler.where(query))
        rows = rows.order_by(*compiler.order(query))
        with suppress(EmptyResultSet):
            rows.explain()
