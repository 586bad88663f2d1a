"""The button next to the label finishes each failure in two clicks, as docs/failures.md lists."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from leads.models import Lead
from messaging.models import Attempt, SmsMessage
from messaging.models.reason import ADVICE, Reason, Step
from smscenter.support.models import SupportRequest
from tests import factories

pytestmark = pytest.mark.once

HTMX = {"HX-Request": "true"}
OTHER = "(617) 555-0150"
DOCS = Path(settings.BASE_DIR) / "docs" / "failures.md"
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| (\d) \| ([^|]+) \|$", re.MULTILINE)
TABLE = {row[1]: (row[2], int(row[3]), row[4]) for row in ROW.finditer(DOCS.read_text())}
FORM = re.compile(r"<form[^>]*?action=\"([^\"]+)\"[^>]*>(.*?)</form>", re.DOTALL)
INPUT = re.compile(r"<(?:input|button)[^>]* name=\"(\w+)\"(?: value=\"([^\"]*)\")?")


@pytest.fixture
def failed(lead: Lead) -> SmsMessage:
    message = factories.message(
        lead,
        status="error",
        reason="unknown",
        contact=factories.contact(lead),
        sender=factories.sender(lead.organization),
    )
    factories.sender(lead.organization, phone="+12125550177", label="Other desk")
    Attempt.objects.create(
        organization=lead.organization, message=message, carrier="sandbox", state="failed"
    )
    return message


def outcome_of(message: SmsMessage) -> str:
    """Return the outcome as docs/failures.md words it."""
    message.refresh_from_db()
    new = message.replacements.first()
    if new is not None:
        assert message.handled
        if new.remote_phone != message.remote_phone:
            return "sent to another number"
        is_other = new.sender_id != message.sender_id
        return "sent from another sender number" if is_other else "sent in other words"
    if message.handled:
        return "handled: nothing can be sent"
    if SupportRequest.objects.filter(kind="other", state="submitted").exists():
        return "a support request with the question"
    if message.status == "outbox":
        is_later = message.attempts.latest("number").due > message.updated
        return "sent in the morning" if is_later else "sent again"
    return "nothing"


def click(client: Client, message: SmsMessage, step: Step, html: str) -> int:
    """Click the button next to the label and what it leads to. Return the number of clicks."""
    best = html.partition('<div class="best"')[2].partition("</article>")[0]
    if step.has_form:
        assert f'popovertarget="why-{message.pk}">{step.label}</button>' in best
        typed = {"correct_number": {"phone": OTHER}, "edit_and_resend": {"text": "Hello!"}}
        body = html.partition(f'id="correct-{message.pk}"')[2].partition("</form>")[0]
        fields = {
            name: value for name, value in INPUT.findall(body) if name != "csrfmiddlewaretoken"
        }
        if chosen := re.search(r'<option value="(\d+)" selected', body):
            fields["sender"] = chosen[1]
        fields = {"text": message.text} | fields | typed.get(step, {})
        client.post(f"/messages/{message.pk}/correct/?step={step}", fields, headers=HTMX)
        return 2
    if form := FORM.search(best):
        fields = dict(INPUT.findall(form[2]))
        client.post(form[1], fields, headers=HTMX)
        return 1
    link = re.search(r'<a class="button small" href="([^"]+)"', best)
    assert link
    page = client.get(link[1])
    if step == Step.SEE_REGISTRATION:
        assert b"regist" in page.content
        return 1
    form = page.context["form"]
    sent = {name: form.initial[name] for name in ("subject", "body")}
    client.post(link[1], sent | {"form_token": str(uuid4())})
    return 2


def test_the_table_lists_every_reason() -> None:
    buttons = {str(reason.label): str(ADVICE[reason].steps[0].label) for reason in Reason}
    assert {label: row[0] for label, row in TABLE.items()} == buttons
    assert all(clicks <= 2 for _, clicks, _ in TABLE.values())


@pytest.mark.parametrize("reason", Reason)
def test_its_button_finishes_a_failure(as_rep: Client, failed: SmsMessage, reason: Reason) -> None:
    SmsMessage.objects.filter(pk=failed.pk).update(reason=reason)
    failed.refresh_from_db()
    html = as_rep.get(failed.lead.get_absolute_url()).content.decode()
    _, clicks, outcome = TABLE[str(reason.label)]

    step = ADVICE[reason].steps[0]
    assert click(as_rep, failed, step, html) == clicks
    if step == Step.SEE_REGISTRATION:
        assert outcome == "the sender number's page shows what's missing"
    else:
        assert outcome_of(failed) == outcome
