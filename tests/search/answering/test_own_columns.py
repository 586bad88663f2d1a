"""Test that searches about texts use the lead's columns where these know the answer.

That the rows are the same is tested by tests/search/differential.
"""

import pytest

from leads.models import Lead
from smscenter.accounts.models import User
from tests.search.conftest import NOW

pytestmark = [pytest.mark.usefixtures("acme"), pytest.mark.once]


@pytest.mark.parametrize(
    "query",
    [
        "sms()",
        "not sms()",
        "has:outgoing_sms",
        "not has:outgoing_sms",
        "sms(direction:outbound)",
        "sms(status:error)",
        "sms(created >= 2026-11-01)",
        "not sms(created:2026-11-01..) has:sms",
    ],
)
def test_no_text_is_read(rep: User, query: str) -> None:
    sql = str(Lead.objects.visible_to(rep).search(query, user=rep, at=NOW).query)
    assert "messaging_smsmessage" not in sql


def test_leads_without_texts_have_an_index(rep: User) -> None:
    for query in ("not has:sms", "not sms()"):
        sql = str(Lead.objects.visible_to(rep).search(query, user=rep, at=NOW).query)
        assert '"sms_count" = 0' in sql  # the condition of the index
