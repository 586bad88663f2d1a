"""The error codes of a text's attempts are copied to it."""

from importlib import import_module
from types import SimpleNamespace

from django.apps import apps
from django.db import connection

from leads.models import Lead
from messaging.models import Attempt, SmsMessage
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


def test_a_text_keeps_its_newest_codes() -> None:
    text = SmsMessage()
    for number in range(10):
        text.codes = text.codes_with(f"{number}" * 60)
    assert text.codes == "\n".join(f"{number}" * 60 for number in range(6, 10))
    assert text.codes_with("9" * 60) == text.codes_with("") == text.codes
