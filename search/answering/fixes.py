"""Check suggested fixes: drop queries that don't compile, and put those with results first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Q, QuerySet

from search.answering.compiler import Compiler
from search.guidance.missing_values import with_example
from search.guidance.warnings import find_warnings
from search.language.errors import Code, Fix, Problem, QueryError
from search.language.parser import parse
from search.language.tree import Query
from search.limits import time_limit
from search.words.context import SearchContext
from search.words.counting import count_of
from search.words.vocabulary import Vocabulary

T = TypeVar("T")

MOST_WARNINGS = 3
MOST_FIXES = 2  # shown per problem
MOST_TRIED = 8  # compiled per problem
DEEPEST = 2  # levels of fixes of fixes: `statsu:opne` has two mistakes


@dataclass
class Fixer:
    """Prepare the problems of a text for display to a user who searches these rows."""

    text: str
    vocabulary: Vocabulary
    context: SearchContext
    rows: QuerySet[Any]
    tried: int = field(default=0, init=False)
    seconds: float = field(default_factory=lambda: settings.SEARCH_SECONDS["fixes"], init=False)

    def error(self, problem: Problem, query: Query | None) -> Problem:
        """Prepare the error of a query that doesn't compile, or is None if it doesn't parse."""
        if query is None and problem.code == Code.MISSING_VALUE:
            problem = with_example(problem, self.text, self.vocabulary, self.context)
        if query and problem.code != Code.TOO_COMPLEX:
            # A warning about the word before may explain it better: `sms (status:error)`.
            for warning in self._warnings(query):
                if warning.code != Code.BARE_WORD or warning.count_rows:
                    continue
                if (ready := self.prepare(warning)).fixes:
                    message = warning.hint or warning.message
                    return replace(ready, code=problem.code, message=message, hint="")
        return self.prepare(problem)

    def warnings(self, query: Query) -> tuple[Problem, ...]:
        ready = [self.prepare(warning) for warning in self._warnings(query)]
        # A bare word is fine as it is if there's no query to suggest.
        shown = [each for each in ready if each.fixes or each.code != Code.BARE_WORD]
        return tuple(shown)

    def _warnings(self, query: Query) -> Sequence[Problem]:
        return find_warnings(self.text, query, self.vocabulary, self.context)[:MOST_WARNINGS]

    def prepare(self, problem: Problem) -> Problem:
        self.tried = 0
        found = next(filter(None, self._attempts(problem)), {})
        queries = list(found)
        if len(queries) > 1 and not problem.count_rows:
            queries.sort(key=lambda query: not self._has_results(found[query]))
        fixes = [Fix(query) for query in queries[:MOST_FIXES]]
        if problem.count_rows:
            fixes = [replace(fix, count=self._count(found[fix.query])) for fix in fixes]
        return replace(problem, fixes=tuple(fixes), fallback_fixes=())

    def _attempts(self, problem: Problem) -> Iterator[dict[str, Q]]:
        """Yield the fixes that compile, then fixes of the fixes, then the fallbacks."""
        yield dict(self._compiling(problem.fixes))
        yield dict(self._compiling(problem.fixes, DEEPEST))
        yield dict(self._compiling(problem.fallback_fixes))

    def _compiling(self, fixes: Sequence[Fix], depth: int = 0) -> Iterator[tuple[str, Q]]:
        """Yield fixes that compile, or up to `depth` levels of their own fixes."""
        for fix in fixes:
            if self.tried >= MOST_TRIED:
                return
            self.tried += 1
            try:
                where = self._compiled(fix.query)
            except QueryError as error:
                if depth and not error.original.count_rows:
                    fixes_of_fix = (*error.original.fixes, *error.original.fallback_fixes)
                    yield from [*self._compiling(fixes_of_fix, depth - 1)][:MOST_FIXES]
            else:
                if fix.query != self.text.strip():
                    yield fix.query, where

    def _compiled(self, text: str) -> Q:
        """Return the condition of a fix. Raises QueryError."""
        query = parse(text)
        compiler = Compiler(text, self.vocabulary, self.context.for_another_query())
        where = compiler.where(query)
        compiler.order(query)
        return where

    def _has_results(self, where: Q) -> bool:
        return self._in_time(self.rows.filter(where).exists, default=False)

    def _count(self, where: Q) -> str:
        """Return the number of rows, or an empty string if counting takes too long."""
        count = self._in_time(lambda: count_of(self.rows.filter(where)), default=None)
        if count is None:
            return ""
        noun = self.vocabulary.noun if count.number == 1 else self.vocabulary.nouns
        return f"{count} {noun}"

    def _in_time(self, run: Callable[[], T], *, default: T) -> T:
        """Run a database query within what is left of the limit."""
        started = monotonic()
        try:
            with time_limit(max(self.seconds, 0), self.text):
                return run()
        except QueryError:
            return default
        finally:
            self.seconds -= monotonic() - started
