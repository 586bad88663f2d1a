"""The error codes of a text's attempts are copied to it."""

from importlib import import_module
from io import StringIO
from types import SimpleNamespace

from django.apps import apps
from django.core.management import call_command
from django.db import connection

from leads.models import Lead
from messaging.management.consistency import stored_codes
from messaging.models import Attempt, SmsMessage
from smscenter.accounts.models import Organization
from tests import factories


def test_texts_from_before_get_the_codes_of_their_attempts(lead: Lead) -> None:
    again, fine = factories.message(lead), factories.message(lead)
    own = {"organization": lead.organization, "carrier": "sandbox", "state": "failed"}
    for number, code in enumerate(["30007", "", "30003", "30007"], 1):
        Attempt.objects.create(**own, message=again, number=number, code=code)
    Attempt.objects.create(**own, message=fine)

    fill = import_module("messaging.migrations.0038_fill_codes").fill
    fill(apps, SimpleNamespace(connection=connection))

    assert list(SmsMessage.objects.order_by("pk").values_list("codes", flat=True)) == [
        "30007\n30003",
        None,
    ]


def test_codes_that_texts_lack_are_found_and_repaired(lead: Lead) -> None:
    # The last one has a code that a later report replaced.
    texts = [factories.message(lead) for _ in range(3)]
    own = {"organization": lead.organization, "carrier": "sandbox", "state": "failed"}
    for number, codes in enumerate([["30007", "30003"], [""], ["30005"]]):
        for attempt, code in enumerate(codes, 1):
            Attempt.objects.create(**own, message=texts[number], number=attempt, code=code)
    for text, stored in zip(texts, ["30003", None, "30004\n30005"], strict=True):
        SmsMessage.objects.filter(pk=text.pk).update(codes=stored)

    everyone = Organization.objects.all()
    [found] = stored_codes.check(everyone)
    assert str(found) == f"text {texts[0].pk}: codes are 30003, should be 30003, 30007"
    call_command("rollups", "--repair", stdout=StringIO())
    assert list(SmsMessage.objects.order_by("pk").values_list("codes", flat=True)) == [
        "30003\n30007",
        None,
        "30004\n30005",
    ]
    assert not list(stored_codes.check(everyone))


def test_a_text_with_too_many_codes_keeps_the_newest(lead: Lead) -> None:
    text = factories.message(lead)
    own = {"organization": lead.organization, "carrier": "sandbox", "state": "failed"}
    for number in range(1, 10):
        Attempt.objects.create(**own, message=text, number=number, code=f"{number}" * 40)
    list(stored_codes.check(Organization.objects.all(), repair=True))
    text.refresh_from_db()
    assert text.codes == "\n".join(f"{number}" * 40 for number in range(4, 10))
    assert not list(stored_codes.check(Organization.objects.all()))


def test_a_text_keeps_its_newest_codes() -> None:
    text = SmsMessage()
    for number in range(10):
        text.codes = text.codes_with(f"{number}" * 60)
    assert text.codes == "\n".join(f"{number}" * 60 for number in range(6, 10))
    assert text.codes_with("9" * 60) == text.codes_with("") == text.codes
