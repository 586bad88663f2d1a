"""Corrected queries are offered only after they were compiled, those that find something first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from search.answering.compiler import Compiler
from search.guidance.warnings import find_warnings
from search.language.errors import Code, Fix, Problem, QueryError
from search.language.parser import parse
from search.language.tree import Query
from search.limits import count_of, time_limit
from search.words.context import SearchContext
from search.words.vocabulary import Vocabulary

Answer = TypeVar("Answer")

MOST_WARNINGS = 3
MOST_FIXES = 2  # that are shown for a problem
MOST_TRIED = 8  # for a problem
SECONDS = 0.5  # to look what the fixes of one text find
DEEPEST = 2  # a fix may have to be fixed itself: `statsu:opne`


@dataclass
class Fixer:
    """Makes the problems of one text ready to be shown: of these rows, to this person."""

    text: str
    vocabulary: Vocabulary
    context: SearchContext
    rows: QuerySet[Any]
    tried: int = field(default=0, init=False)
    seconds: float = field(default=SECONDS, init=False)

    def error(self, problem: Problem, query: Query | None) -> Problem:
        """Of a query that did not compile, or that is None because it did not parse."""
        if query and problem.code != Code.TOO_COMPLEX:
            # Rather the word before: `sms (status:error)` lacks no value.
            for advice in self._advice(query):
                if advice.code != Code.BARE_WORD or advice.count_rows:
                    continue
                if (ready := self.ready(advice)).fixes:
                    message = advice.hint or advice.message
                    return replace(ready, code=problem.code, message=message, hint="")
        return self.ready(problem)

    def warnings(self, query: Query) -> tuple[Problem, ...]:
        ready = [self.ready(advice) for advice in self._advice(query)]
        # A word may stand for itself: without a query to offer there is nothing to say.
        shown = [each for each in ready if each.fixes or each.code != Code.BARE_WORD]
        return tuple(shown)

    def _advice(self, query: Query) -> Sequence[Problem]:
        return find_warnings(self.text, query, self.vocabulary, self.context)[:MOST_WARNINGS]

    def ready(self, problem: Problem) -> Problem:
        self.tried = 0
        found = next(filter(None, self._tiers(problem)), {})
        queries = list(found)
        if len(queries) > 1 and not problem.count_rows:
            queries.sort(key=lambda query: not self._finds(found[query]))
        fixes = [Fix(query) for query in queries[:MOST_FIXES]]
        if problem.count_rows:
            fixes = [replace(fix, count=self._count(found[fix.query])) for fix in fixes]
        return replace(problem, fixes=tuple(fixes), fallback_fixes=())

    def _tiers(self, problem: Problem) -> Iterator[dict[str, Q]]:
        """The fixes as they are, else with fixes of their own, else other ones."""
        yield dict(self._running(problem.fixes))
        yield dict(self._running(problem.fixes, DEEPEST))
        yield dict(self._running(problem.fallback_fixes))

    def _running(self, fixes: Sequence[Fix], depth: int = 0) -> Iterator[tuple[str, Q]]:
        """Those that compile, or what compiles of what mends them."""
        for fix in fixes:
            if self.tried >= MOST_TRIED:
                return
            self.tried += 1
            try:
                where = self._compiled(fix.query)
            except QueryError as error:
                if depth and not error.original.count_rows:
                    mended = (*error.original.fixes, *error.original.fallback_fixes)
                    yield from [*self._running(mended, depth - 1)][:MOST_FIXES]
            else:
                if fix.query != self.text.strip():
                    yield fix.query, where

    def _compiled(self, text: str) -> Q:
        """Raises QueryError."""
        query = parse(text)
        compiler = Compiler(text, self.vocabulary, self.context.for_another_query())
        where = compiler.where(query)
        compiler.order(query)
        return where

    def _finds(self, where: Q) -> bool:
        return self._in_time(self.rows.filter(where).exists, otherwise=False)

    def _count(self, where: Q) -> str:
        """Return how many rows, or nothing where counting them would keep the page waiting."""
        count = self._in_time(lambda: count_of(self.rows.filter(where)), otherwise=None)
        if count is None:
            return ""
        noun = self.vocabulary.noun if count.number == 1 else self.vocabulary.nouns
        return f"{count} {noun}"

    def _in_time(self, ask: Callable[[], Answer], *, otherwise: Answer) -> Answer:
        """Ask the database, unless that takes longer than is left of SECONDS."""
        started = monotonic()
        try:
            with time_limit(max(self.seconds, 0), self.text):
                return ask()
        except QueryError:
            return otherwise
        finally:
            self.seconds -= monotonic() - started
