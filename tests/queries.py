"""What a page asks the database, as production counts it."""

from collections.abc import Iterable

# Within the transaction of a test, a time limit takes savepoints and has to be set back.
ONLY_IN_TESTS = ("SAVEPOINT", "RELEASE SAVEPOINT", "SELECT set_config('statement_timeout'")


def number_of(queries: Iterable[dict[str, str]]) -> int:
    return sum(not query["sql"].startswith(ONLY_IN_TESTS) for query in queries)
