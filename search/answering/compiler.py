"""Compile the syntax tree into a condition on rows.

A condition is used to filter rows that the user can see. Every subquery filters by organization
again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import F, IntegerField, Q
from django.db.models.expressions import ExpressionWrapper, OrderBy
from django.db.models.lookups import LessThan

from search.guidance.semantic_errors import (
    FindReplacements,
    as_exclusion,
    bad_operator,
    has_replacements,
    in_groups,
    unknown_name,
    unreadable_value,
    view_replacements,
)
from search.language.errors import Code, Problem, QueryError
from search.language.parser import MAX_LEVELS, MAX_TERMS, parse, too_complex
from search.language.tree import (
    And,
    Comparison,
    Everything,
    Expression,
    Group,
    Name,
    Node,
    Not,
    Or,
    Phrase,
    Query,
    SortKey,
    Value,
    Word,
    walk,
)
from search.words.context import SearchContext
from search.words.fields import ALL_ROWS, SAMENESS, Field, ReadingError
from search.words.parts import OrderInParts
from search.words.related_rows import FEW, WithIDs, those_of
from search.words.text_lookups import is_searchable
from search.words.vocabulary import Vocabulary

OrderName = str | OrderBy
MAX_GROUP_LEVELS = 6
MAX_VIEW_LEVELS = 6


@dataclass(frozen=True)
class Depth:
    """How deeply a term is nested: in groups, in views, and in all levels together.

    Levels continue inside a view. Each one is a subquery or parentheses in SQL, and SQLite has a
    limit on both, so they are counted before the query runs.
    """

    groups: int = 0
    views: int = 0
    levels: int = 0


@dataclass
class Compiler:
    """Compile one text. Nested views have their own compilers, which share the context.

    `views` has the IDs of the views around this text, so that none refers to itself.
    """

    text: str
    vocabulary: Vocabulary
    context: SearchContext
    views: tuple[int, ...] = ()
    depth: Depth = Depth()

    def where(self, query: Query) -> Q:
        """Return the condition for a query. Raises QueryError."""
        self._count_terms(query)
        q = self.compile(query.where) if query.where else ALL_ROWS
        return self._looked_up(q & self.slice_condition(query)) if query.slice else q

    def _looked_up(self, q: Q) -> Q:
        """Return the condition for these rows, by ID if they're few.

        A page would read rows in its own order until it's full, and a slice may have none of them.
        """
        if connection.vendor == "sqlite" or self.context.in_group:
            return q
        rows = self.vocabulary.rows(self.context).filter(q)
        found = those_of(rows.order_by().values("pk"), FEW, self.context)
        return Q(WithIDs(F("pk"), found.ids)) if found.are_all else q

    def slice_condition(self, query: Query) -> Q:
        """Return the condition for `slice:2/10`. Splits by ID, so that rows stay in their part."""
        if query.slice is None:
            return Q()
        number, count = query.slice
        # PostgreSQL takes a remainder of 0 for one row of 200, and one below 1 for a third of them.
        remainder = ExpressionWrapper((F("pk") + (count - number + 1)) % count, IntegerField())
        return Q(LessThan(remainder, 1))

    def compile(self, node: Expression) -> Q:
        match node:
            case And() | Or():
                with self.nested(node):
                    terms = [*map(self.compile, node.terms)]
                is_and = isinstance(node, And)
                return self.vocabulary.all_of(terms) if is_and else reduce(or_, terms)
            case Not():
                with self.nested(node):
                    return self.vocabulary.negate(self.compile(node.term))
            case Group():
                return self.group(node)
            case Comparison():
                return self.comparison(node)
            case Word() | Phrase():
                return self.bare_word(node)
            case Everything():
                return ALL_ROWS

    def bare_word(self, node: Word | Phrase) -> Q:
        value = Value(node.start, node.end, node.text, isinstance(node, Phrase))
        if not is_searchable(node.text):
            return ALL_ROWS  # ignored, with a warning
        return self.vocabulary.bare_condition(value, self.context)

    def group(self, node: Group) -> Q:
        group = self.vocabulary.group(node.name.text)
        if group is None:
            raise self.unknown_group(node.name)
        with self.nested(node, groups=1):
            inside = replace(self, vocabulary=group.vocabulary, context=self.context.inside())
            q = inside.compile(node.where) if node.where else Q()
        shortcut = group.shortcut(node.where, q)
        if shortcut is not None:
            return shortcut
        return group.rows.having(q, self.context, selective=inside.is_selective(node.where))

    def is_selective(self, node: Expression | None) -> bool:
        """Return whether few rows can match, so that SQLite should start with them."""
        match node:
            case And():
                return any(map(self.is_selective, node.terms))
            case Or():
                return all(map(self.is_selective, node.terms))
            case Comparison():
                found = self.vocabulary.field(node.name.text, self.context)
                positive = node.operator not in {"!=", "not in"}
                return bool(
                    found
                    and positive
                    and all(found.is_selective(value, self.context) for value in node.values)
                )
        return False

    def comparison(self, node: Comparison) -> Q:
        match node.name.text.lower():
            case "has":
                q = self._any_value(node, self.has)
            case "in":
                q = self._any_value(node, self.view)
            case _:
                q = self.field_condition(self.field(node.name, node), node)
        return ~q if node.operator in {"!=", "not in"} else q

    def _any_value(self, node: Comparison, compile_value: Any) -> Q:
        if node.operator in {"<", "<=", ">", ">="}:
            raise self.bad_operator(node)
        conditions: list[Q] = []
        for value in node.values:
            try:
                conditions.append(compile_value(value))
            except QueryError as error:
                if negated := as_exclusion(self.text, value, node):
                    error.original = error.original.with_fixes(negated)
                raise
        return reduce(or_, conditions)

    def field(self, name: Name, node: Comparison | None = None) -> Field:
        found = self.vocabulary.field(name.text, self.context)
        if found is None:
            raise self.unknown_field(name, node)
        return found

    def field_condition(self, found: Field, node: Comparison) -> Q:
        if node.operator in {"in", "not in"}:
            with self.reading_values(node, found):
                return found.q_in(node.values, self.context)
        if node.operator not in found.operators:
            raise self.bad_operator(node)
        is_none = found.is_none(node.value)
        if node.value.is_any or is_none:
            if node.operator not in SAMENESS:
                raise self.bad_operator(node)
            q = found.has(self.context)
            return ~q if is_none else q
        with self.reading_values(node, found):
            return found.q(node.operator, node.value, self.context)

    def has(self, value: Value) -> Q:
        if flag := self.vocabulary.flag(value.text):
            return flag.q(self.context)
        if found := self.vocabulary.field(value.text, self.context):
            return found.has(self.context)
        if group := self.vocabulary.group(value.text):
            return group.rows.having(Q(), self.context)
        raise self.unknown_has(value)

    def view(self, value: Value) -> Q:
        """Return the condition for a saved view, which may refer to other views."""
        view = self._view_named(value)
        if view.pk in self.views:
            message = f"The view “{view.name}” refers to itself."
            raise self.error(Code.CYCLE, message, value.start, value.end)
        try:
            query = parse(view.query)
            with self.nested(value, views=1):
                inside = Compiler(
                    view.query, self.vocabulary, self.context, (*self.views, view.pk), self.depth
                )
                q = inside.where(query)
            order = inside.order(query)
        except QueryError as error:
            code, message = error.original.code, error.original.message
            if code not in {Code.CYCLE, Code.TOO_COMPLEX, Code.BROKEN_VIEW}:
                code = Code.BROKEN_VIEW
                message = f"The view “{view.name}” doesn't work: {message}"
            raise self.error(code, message, value.start, value.end) from error
        if query.limit is None:
            return q
        rows = self.vocabulary.rows(self.context).filter(q)
        rows = rows.order_by(*(order or ("-pk",)))
        return Q(pk__in=rows.values("pk")[: query.limit])

    def _view_named(self, value: Value) -> Any:
        view = self.context.saved_view(self.vocabulary.key, value.text)
        if view is not None:
            return view
        views = self.context.saved_views(self.vocabulary.key)
        names = {view.name.lower(): view.name for view in views}
        message = f"There's no view named “{value.text}”."
        error = ReadingError(Code.UNKNOWN_VALUE, message, "Save a search to make it a view.")
        raise self.value_problem(error, value, view_replacements(names))

    def order(self, query: Query) -> tuple[OrderName, ...]:
        """Return the order of `sort:` with the ID as a tie-breaker, or an empty tuple."""
        if not query.sort:
            return ()
        order = [self._order(key) for key in query.sort]
        return (*order, "-id" if query.sort[-1].descending else "id")

    def _order(self, key: SortKey) -> OrderName:
        found = self.field(key.name)
        try:
            expression: Any = found.order(self.context)
        except ReadingError as error:
            raise self.error(error.code, error.message, key.start, key.end) from error
        path = found.sorted_by or found.column.path
        if isinstance(expression, F) and not self._is_nullable(path):
            return f"-{path}" if key.descending else path
        if parts := found.order_parts(self.context):
            return OrderInParts(expression, parts, descending=key.descending, nulls_last=True)
        return OrderBy(expression, descending=key.descending, nulls_last=True)

    def _is_nullable(self, path: str) -> bool:
        if "__" in path:
            return True
        return bool(self.vocabulary.model._meta.get_field(path).null)

    def _count_terms(self, query: Query) -> None:
        """Count terms, including those of nested views. Raises QueryError for too many."""
        terms = sum(not isinstance(term, And | Or | Not) for term, _ in walk(query.where))
        count = self.context.cache.get("terms", 0) + terms
        self.context.cache["terms"] = count
        if count > MAX_TERMS:
            what = f"more than {MAX_TERMS} terms, including its views"
            raise too_complex(self.text, 0, len(self.text), what)

    @contextmanager
    def nested(self, node: Node, *, groups: int = 0, views: int = 0) -> Iterator[None]:
        """Compile what's inside `node` one level nested. Raises QueryError if that's too deep."""
        before = self.depth
        depth = Depth(before.groups + groups, before.views + views, before.levels + 1)
        if depth.groups > MAX_GROUP_LEVELS:
            message = f"Groups can't be nested more than {MAX_GROUP_LEVELS} levels deep."
            raise self.error(Code.TOO_COMPLEX, message, node.start, node.end)
        if depth.views > MAX_VIEW_LEVELS:
            message = f"Views can't be nested more than {MAX_VIEW_LEVELS} levels deep."
            raise self.error(Code.TOO_COMPLEX, message, node.start, node.end)
        if depth.levels > MAX_LEVELS:
            message = f"This search has more than {MAX_LEVELS} levels, including its views."
            raise self.error(Code.TOO_COMPLEX, message, node.start, node.end)
        self.depth = depth
        try:
            yield
        finally:
            self.depth = before

    # --- Errors

    def error(self, code: Code, message: str, start: int, end: int) -> QueryError:
        return QueryError(Problem(code, message, start, end), self.text)

    @contextmanager
    def reading_values(self, node: Comparison, found: Field) -> Iterator[None]:
        def find(text: str, exact: bool) -> Any:
            return found.replacements(text, node.operator, self.context, exact=exact)

        try:
            yield
        except ReadingError as error:
            raise self.value_problem(
                error, self._unreadable_value(node, found), find, node
            ) from error

    def _unreadable_value(self, node: Comparison, found: Field) -> Value:
        """Return the first value that the field can't read."""
        for value in node.values:
            try:
                found.q_in([value], self.context)
            except ReadingError:
                return value
        return node.value

    def value_problem(
        self,
        error: ReadingError,
        value: Value,
        find: FindReplacements,
        node: Comparison | None = None,
    ) -> QueryError:
        problem = unreadable_value(self.text, error, value, find, node)
        if node and not problem.fixes:
            others = in_groups(self.text, node, self.vocabulary, self.context)
            problem = problem.with_fixes(*others)
        return QueryError(problem, self.text)

    def bad_operator(self, node: Comparison) -> QueryError:
        return QueryError(bad_operator(self.text, node), self.text)

    def unknown_field(self, name: Name, node: Comparison | None) -> QueryError:
        names = self.vocabulary.names(self.context)
        problem = unknown_name(self.text, name, names, "", self.vocabulary)
        if node and problem.code == Code.UNKNOWN_FIELD:
            others = in_groups(self.text, node, self.vocabulary, self.context)
            queries = [*others, *(fix.query for fix in problem.fixes)]
            problem = problem.with_fixes(*queries)
        return QueryError(problem, self.text)

    def unknown_group(self, name: Name) -> QueryError:
        groups = [each for group in self.vocabulary.groups for each in group.all_names]
        return QueryError(unknown_name(self.text, name, groups, "", self.vocabulary), self.text)

    def unknown_has(self, value: Value) -> QueryError:
        names = self.vocabulary.has_names(self.context)
        problem = unknown_name(self.text, value, names, "has:", self.vocabulary)
        if problem.code != Code.UNKNOWN_VALUE:
            return QueryError(problem, self.text)
        error = ReadingError(problem.code, problem.message, problem.hint)
        found = unreadable_value(
            self.text, error, value, has_replacements(self.vocabulary, self.context)
        )
        return QueryError(found if found.fixes else problem, self.text)
