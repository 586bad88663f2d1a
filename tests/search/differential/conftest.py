from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from search.words import word_index
from tests.search.differential.database import stored
from tests.search.differential.product import WORLD


@pytest.fixture(scope="module", autouse=True)
def rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Store the same rows for all tests of a module. The tests must be marked for the database.

    Some words are common enough there to be compared, and others are found in an index of SQLite.
    """
    with django_db_blocker.unblock(), stored(WORLD), pytest.MonkeyPatch.context() as patch:
        patch.setattr(word_index, "FEW", 5)
        yield
