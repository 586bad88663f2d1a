"""PostgreSQL keeps the different numbers of texts, by which a search finds some digits."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from leads.models import Lead
from messaging.models import SenderNumber, SmsMessage
from search import run
from smscenter.accounts.models import User
from tests import factories

pytestmark = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite reads all texts"
)
ONE, TWO, THREE = "+14155550101", "+14155550102", "+14155550103"


def stored() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM messaging_textednumber ORDER BY phone")
        return [phone for (phone,) in cursor.fetchall()]


def test_a_number_is_stored_while_a_text_has_it(lead: Lead) -> None:
    first = factories.message(lead, remote_phone=ONE)
    second = factories.message(lead, remote_phone=ONE)
    own = {"organization": lead.organization, "lead": lead, "direction": "incoming"}
    numbers = (ONE, TWO, TWO, THREE, "")
    SmsMessage.objects.bulk_create(
        SmsMessage(**own, status="inbox", text="Hi", remote_phone=number) for number in numbers
    )
    assert stored() == [ONE, TWO, THREE]
    SmsMessage.objects.filter(remote_phone=TWO).update(remote_phone=THREE)
    assert stored() == [ONE, THREE]
    SmsMessage.objects.filter(remote_phone=THREE).update(remote_phone="")
    first.delete()
    assert stored() == [ONE]
    second.remote_phone = TWO
    second.save()
    SmsMessage.objects.filter(remote_phone=ONE).delete()
    assert stored() == [TWO]
    lead.delete()
    assert stored() == []


def test_a_text_without_a_sender_is_found_by_digits_of_the_number_it_came_from(
    lead: Lead, rep: User
) -> None:
    text = factories.message(lead, local_phone="+12125550199")
    SmsMessage.objects.filter(pk=text.pk).update(local_phone="+12125550177")
    assert list(run("message", "number:5550177", rep).rows) == [text]
    assert not run("message", "from:5550199", rep).rows


def test_a_text_is_found_by_digits_of_the_former_number_of_its_sender(
    lead: Lead, rep: User
) -> None:
    sender = factories.sender(lead.organization, phone="+12125550177")
    text = factories.message(lead, sender=sender, local_phone=sender.phone)
    SenderNumber.objects.update(phone="+12125550188")
    assert list(run("message", "from:5550177", rep).rows) == [text]


def test_wrong_numbers_are_found_and_repaired(lead: Lead) -> None:
    factories.message(lead, remote_phone=ONE)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_textednumber SET phone = %s", [TWO])
    with pytest.raises(CommandError, match="2 wrong values"):
        call_command("rollups")
    call_command("rollups", "--repair")
    assert stored() == [ONE]
    call_command("rollups")
