"""Check SQLite's indexes of words against the words of texts and leads, and fill them again.

Database triggers keep them (see `word_index_sqlite.sql` of the migrations). PostgreSQL's indexes
are its own.
"""

from collections.abc import Collection, Iterator

from django.db import connection

from leads.models.words import WORD_INDEX as OF_LEADS
from messaging.models.message_indexes import WORD_INDEX as OF_TEXTS
from smscenter.accounts.models import Organization


def check(organizations: Collection[Organization], *, repair: bool = False) -> Iterator[str]:
    """Yield what's wrong in the indexes. To repair, fill one that's wrong again as a whole."""
    if connection.vendor != "sqlite":
        return
    for index in (OF_LEADS, OF_TEXTS):
        wrong = [pk for organization in organizations for pk in index.wrong(organization.pk)]
        if wrong and repair:
            index.fill()
        yield from (f"{index.table} {pk}: its indexed words are wrong" for pk in wrong)
