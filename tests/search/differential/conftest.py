import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from pytest_django.plugin import DjangoDbBlocker

from tests.search.differential.asking import WORLD
from tests.search.differential.storing import stored

# How many random queries each test asks: `SEARCH_EXAMPLES=5000 pytest tests/search/differential`.
LONG_RUN = int(os.environ.get("SEARCH_EXAMPLES", "0"))
settings.register_profile(
    "judge",
    max_examples=LONG_RUN or 200,
    derandomize=not LONG_RUN,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module", autouse=True)
def rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The same rows for all tests of a module. The tests must be marked for the database."""
    with django_db_blocker.unblock(), stored(WORLD):
        yield
