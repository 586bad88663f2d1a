"""Texts of a quarter of an hour share one note that it has to be counted again."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime

import pytest
from django.db import connections, transaction

from leads.models import Lead
from messaging.deliverability import recounting
from messaging.models import ChangedQuarter, TextCount
from tests import factories

pytestmark = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="on SQLite, each text has a note"
)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_texts_of_a_quarter_share_its_note(lead: Lead) -> None:
    for _ in range(3):
        factories.message(lead, created=NOON)
    assert ChangedQuarter.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_counting_waits_for_a_text_that_shares_a_note(lead: Lead) -> None:
    """Otherwise the text isn't counted, and its note is gone."""
    factories.message(lead, created=NOON)

    def recount() -> None:
        try:
            recounting.recount(lead.organization)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            factories.message(lead, created=NOON)
            counting = pool.submit(recount)
            wait([counting], timeout=0.3)
        counting.result()
    counts = TextCount.objects.filter(span=TextCount.Span.DAY, by=TextCount.By.ALL)
    assert sum(counts.values_list("sent", flat=True)) == 2
