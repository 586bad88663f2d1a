"""Change a query by its terms: those that have to match together, at its top level."""

from collections.abc import Sequence
from dataclasses import replace

from search.language.tree import And, Everything, Expression, Query


def terms_of(query: Query) -> tuple[Expression, ...]:
    """Return the terms of a query; the only one if it isn't a list of terms."""
    match query.where:
        case None | Everything():
            return ()
        case And(terms=terms):
            return terms
        case where:
            return (where,)


def with_terms(query: Query, terms: Sequence[Expression]) -> Query:
    """Return the same query with other terms."""
    if len(terms) > 1:
        return replace(query, where=And(0, 0, tuple(terms)))
    return replace(query, where=terms[0] if terms else None)
