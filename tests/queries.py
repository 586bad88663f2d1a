"""Count the queries of a page like production does."""

from collections.abc import Iterable

# Within a test's transaction, a time limit needs a savepoint and has to be reset.
ONLY_IN_TESTS = ("SAVEPOINT", "RELEASE SAVEPOINT", "SELECT set_config('statement_timeout'")


def number_of(queries: Iterable[dict[str, str]]) -> int:
    return sum(not query["sql"].startswith(ONLY_IN_TESTS) for query in queries)
