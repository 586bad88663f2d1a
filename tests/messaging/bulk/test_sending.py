"""A bulk send: from the list of leads to texts, each accounted for on one page."""

import pytest
from django.test import Client

from leads.models import Lead
from messaging.models import BulkItem, SmsMessage
from tests.messaging.bulk.conftest import Create, buckets, finish, move, url
from tests.messaging.desk import Desk

pytestmark = pytest.mark.django_db(transaction=True)


def test_leads_of_a_search_get_their_texts(
    as_rep: Client, leads: list[Lead], create: Create, desk: Desk
) -> None:
    assert "Text all 3" in as_rep.get("/leads/").content.decode()
    bulk = create()
    assert buckets(as_rep, bulk) == {"waiting": 3}
    assert not SmsMessage.objects.exists()
    move(as_rep, bulk, "start")
    finish(bulk)
    assert {sms.text for sms in desk.sent} == {f"Hi Ada{n}" for n in range(3)}
    assert buckets(as_rep, bulk) == {"sent": 3}
    assert bulk.state == "done"
