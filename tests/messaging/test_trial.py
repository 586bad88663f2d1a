"""Before an organization has a sender number, its team can text their own verified phones."""

from datetime import timedelta

import pytest
from django.core import checks
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from leads.models import ContactPhone, Lead
from messaging.carriers import Accepted, CarrierError, OutgoingSms
from messaging.composing import trial
from messaging.management import worker
from messaging.models import Attempt, OptOut, PhoneVerification, SenderNumber, SmsMessage
from messaging.outgoing import verifying
from messaging.settings import TrialSender
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.html import html_of
from tests.messaging.composing.forms import form, post
from tests.messaging.desk import Desk

pytestmark = pytest.mark.once
PHONE, OWN = "(415) 555-0123", "+14155550123"
NUMBER = "+18885550100"


@pytest.fixture(autouse=True)
def _trial(settings: Settings, desk: Desk, db: None) -> None:
    settings.TRIAL_SENDER = TrialSender("desk", "", NUMBER)


def ask(client: Client, phone: str = PHONE) -> str:
    return html_of(client.post("/profile/phone/", {"phone": phone}, follow=True))


def enter(client: Client, code: str) -> str:
    return html_of(client.post("/profile/phone/code/", {"code": code}, follow=True))


def code() -> str:
    return PhoneVerification.objects.latest("pk").code


@pytest.fixture
def own_lead(rep: User) -> Lead:
    """Return the lead with the rep's verified phone."""
    organization = rep.organization
    assert organization is not None
    PhoneVerification.objects.create(
        organization=organization, user=rep, phone=OWN, verified=timezone.now()
    )
    trial.sender_of(organization)
    lead = verifying.own_lead(rep)
    assert lead is not None
    return lead


def send(client: Client, lead: Lead, **changes: object) -> str:
    phone = ContactPhone.objects.get(contact__lead=lead, phone=OWN)
    data = form(phone, SenderNumber.objects.get(trial=True), **changes)
    return html_of(post(client, lead, "new", data))


def test_a_member_verifies_a_phone_and_texts_it(as_rep: Client, desk: Desk) -> None:
    assert "We sent a code to (415) 555-0123" in ask(as_rep)
    worker.run_round()
    [sms] = desk.sent
    assert (sms.sender, sms.to) == (NUMBER, OWN)
    assert sms.text.startswith(f"{code()} is your SMS Center code.")
    stored = SmsMessage.objects.get()
    assert (stored.text[:6], stored.status) == ("******", "sent")
    assert "Wrong code." in enter(as_rep, "12345")
    page = enter(as_rep, f" {code()[:3]} {code()[3:]} ")
    assert "Phone verified." in page
    assert "Trial: 49 of 50 texts left today" in page
    lead = Lead.objects.get()
    assert "Can't send" not in send(as_rep, lead)
    assert "(415) 555-0123 · " in html_of(as_rep.get("/profile/"))


def test_a_code_is_stored_nowhere(
    as_rep: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Carriers respond with the text that they got, and members read the response."""
    monkeypatch.setattr(
        desk, "send", lambda sms: Accepted("D1", {"body": sms.text, "to": [sms.to]})
    )
    ask(as_rep)
    worker.run_round()
    stored = Attempt.objects.get()
    assert stored.raw["body"].startswith("****** is your")
    assert code() not in str(Attempt.objects.values()) + str(SmsMessage.objects.values())

    def refuse(sms: OutgoingSms) -> None:
        raise CarrierError(sms.text, permanent=True, raw={"texts": [sms.text]})

    monkeypatch.setattr(desk, "send", refuse)
    ask(as_rep)
    worker.run_round()
    assert code() not in str(Attempt.objects.values())


def test_a_code_that_fails_is_explained(as_rep: Client, desk: Desk) -> None:
    desk.responses[OWN] = CarrierError("Landline", code="30006", permanent=True)
    ask(as_rep)
    worker.run_round()
    assert SmsMessage.objects.get().reason == "not_sms_capable"
    assert "marked as a landline" in ask(as_rep)


def test_texts_to_other_numbers_are_refused(as_rep: Client, own_lead: Lead, rep: User) -> None:
    other = factories.contact(own_lead, factories.OTHER_MOBILE).phones.get()
    page = send(as_rep, own_lead, to=other.pk)
    assert "Can't send:</strong> during the trial, you can only text" in page
    assert not SmsMessage.objects.exists()
    sender = SenderNumber.objects.get()
    User.objects.filter(pk=rep.pk).update(is_active=False)
    verdicts = trial.check(sender.organization, sender, OWN, timezone.now())
    assert [each.code for each in verdicts] == ["trial_phone"]


def test_there_are_50_texts_a_day(as_rep: Client, own_lead: Lead) -> None:
    sender = SenderNumber.objects.get()
    for _ in range(50):
        factories.message(own_lead, sender=sender)
    assert "sent its 50 trial texts for today" in send(as_rep, own_lead)
    SmsMessage.objects.update(created=timezone.now() - timedelta(days=1))
    assert "Can't send" not in send(as_rep, own_lead)
    with pytest.raises(IntegrityError), transaction.atomic():
        SenderNumber.objects.update(daily_cap=51)


def test_the_trial_ends_with_an_own_number(
    as_rep: Client, own_lead: Lead, organization: Organization
) -> None:
    sender = SenderNumber.objects.get()
    factories.sender(organization, carrier="desk")
    assert "from the list." in send(as_rep, own_lead)
    verdicts = trial.check(organization, sender, OWN, timezone.now())
    assert [each.code for each in verdicts] == ["trial_over"]
    assert "so the trial is over" in ask(as_rep)
    assert sender.number not in html_of(as_rep.get("/senders/"))
    assert not SmsMessage.objects.exists()


def test_the_checklist_leads_to_the_own_phone(
    organization: Organization, settings: Settings
) -> None:
    manager, client = factories.user(organization, "mona", role=User.Role.MANAGER), Client()
    client.force_login(manager)
    assert 'href="/profile/phone/">Verify your phone' in html_of(client.get("/"))
    PhoneVerification.objects.create(
        organization=organization, user=manager, phone=OWN, verified=timezone.now()
    )
    page = html_of(client.get("/"))
    assert "50 of 50 texts are left today" in page
    assert 'action="/profile/phone/text/"' in page
    settings.TRIAL_SENDER = None
    assert "Try it with your own phone" not in html_of(client.get("/"))
    assert "Trial mode isn't set up." in html_of(client.get("/profile/phone/"))


def test_a_code_takes_few_tries_and_expires(as_rep: Client) -> None:
    ask(as_rep)
    for _ in range(5):
        page = enter(as_rep, "000000" if code() != "000000" else "111111")
    assert "This code no longer works." in page
    assert "This code no longer works." in enter(as_rep, code())
    ask(as_rep)
    PhoneVerification.objects.update(created=timezone.now() - timedelta(minutes=10))
    assert "This code no longer works." in enter(as_rep, code())
    assert not PhoneVerification.objects.verified().exists()


def test_a_late_code_is_not_sent(as_rep: Client, desk: Desk) -> None:
    ask(as_rep)
    SmsMessage.objects.update(created=timezone.now() - timedelta(minutes=10))
    worker.run_round()
    assert not desk.sent
    assert SmsMessage.objects.get().reason == "expired"


def test_nobody_gets_many_codes(
    as_rep: Client, as_stranger: Client, rep: User, colleague: User
) -> None:
    for client in (as_rep, as_stranger, as_rep):
        assert "We sent a code" in ask(client)
    as_colleague = Client()
    as_colleague.force_login(colleague)
    assert "Too many codes were sent." in ask(as_colleague)  # to this phone
    ask(as_rep, factories.OTHER_MOBILE)
    assert "Too many codes were sent." in ask(as_rep, factories.OTHER_MOBILE)  # by this person
    own = {"organization": rep.organization, "phone": "+12125550123", "user": colleague}
    PhoneVerification.objects.bulk_create(PhoneVerification(**own) for _ in range(7))
    assert PhoneVerification.objects.filter(organization=rep.organization).count() == 10
    nora = Client()
    nora.force_login(factories.user(rep.organization, "nora"))
    assert "Too many codes were sent." in ask(nora, "+13125550123")  # in this organization


def test_a_phone_that_replied_stop_gets_no_codes_elsewhere(
    as_rep: Client, as_stranger: Client, client: Client, desk: Desk
) -> None:
    ask(as_stranger)
    incoming = {"id": "1", "from": OWN, "to": NUMBER, "text": "STOP"}
    client.post("/webhooks/desk/inbound/", incoming, headers={"X-Desk": "genuine"})
    assert OptOut.objects.get().sender == SenderNumber.objects.get(trial=True)
    assert "opted out" in ask(as_stranger)
    worker.run_round()
    sent = len(desk.sent)
    assert "We sent a code to (415) 555-0123" in ask(as_rep)
    worker.run_round()
    assert len(desk.sent) == sent


def test_the_trials_number_cannot_be_taken(organization: Organization, settings: Settings) -> None:
    sender = SenderNumber(organization=organization, carrier="desk", phone=NUMBER)
    with pytest.raises(Exception, match="already set up"):
        sender.full_clean()
    settings.TRIAL_SENDER = TrialSender("desk", "canada", NUMBER)
    assert [error.id for error in checks.run_checks(tags=["messaging"])] == ["messaging.E017"]
    settings.TRIAL_SENDER = None
    sender.full_clean()


def test_old_codes_are_deleted_and_phones_stay_until_they_are_removed(
    as_rep: Client, own_lead: Lead, rep: User
) -> None:
    PhoneVerification.objects.create(organization=own_lead.organization, user=rep, phone=OWN)
    PhoneVerification.objects.update(created=timezone.now() - timedelta(days=2))
    verifying.delete_old_codes()
    assert PhoneVerification.objects.get().verified
    as_rep.post("/profile/phone/remove/")
    assert not PhoneVerification.objects.exists()
