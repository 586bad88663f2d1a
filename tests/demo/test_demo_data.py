"""The data of `manage.py demo`: realistic, consistent, and the same for each seed."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Model
from django.test import Client, RequestFactory, override_settings
from django.utils import timezone

from leads.models import Address, Contact, ContactPhone, Lead, Note
from messaging.composing import spam_marks
from messaging.models import (
    Attempt,
    CarrierCode,
    CarrierEvent,
    Consent,
    OptOut,
    Recipient,
    SenderNumber,
    SmsMessage,
)
from messaging.models.reason import Reason
from smscenter.accounts.models import User
from smscenter.demo import load
from smscenter.notifications.models import Notification
from smscenter.support.models import Mail, SupportRequest

pytestmark = pytest.mark.django_db

NEW_YORK = ZoneInfo("America/New_York")
NOON = datetime(2026, 3, 11, 12, 20, tzinfo=NEW_YORK)


def demo(*arguments: str) -> str:
    out = StringIO()
    with override_settings(DEBUG=True):
        call_command("demo", *arguments, stdout=out)
    return out.getvalue()


def load_small(*, leads: int, now: datetime = NOON, seed: int = 1) -> None:
    load.load(leads=leads, messages=leads * 6, seed=seed, now=now)


def rows(model: type[Model], *fields: str) -> list[Any]:
    return list(model._default_manager.order_by("pk").values_list(*fields))


def everything() -> list[list[Any]]:
    return [
        rows(Lead, "name", "status__label", "owner__username", "custom", "created", "description"),
        rows(Contact, "name", "title", "created"),
        rows(ContactPhone, "phone", "extension", "label"),
        rows(Address, "street", "city"),
        rows(Note, "text", "created"),
        rows(SmsMessage, "text", "status", "reason", "created", "scheduled", "sent", "receipt"),
        rows(Attempt, "key", "carrier_id", "state", "code", "due", "finished", "raw"),
        rows(CarrierEvent, "event_id", "payload", "received"),
        rows(Recipient, "phone", "capability", "capability_at"),
        rows(OptOut, "source", "words", "created"),
        rows(Consent, "given"),
    ]


@pytest.mark.once
class TestDefault:
    @pytest.fixture(autouse=True, scope="class")
    @staticmethod
    def data(class_transaction: None) -> None:
        demo()

    def test_the_default_has_every_failure_reason_with_its_evidence(self) -> None:
        failed = SmsMessage.objects.failed().filter(organization__slug="demo")
        assert {Reason(reason) for reason in failed.values_list("reason", flat=True)} == {*Reason}
        known = CarrierCode.objects.filter(known=True)
        codes = {(row.carrier, row.code): row.reason for row in known}
        for message in failed.prefetch_related("attempts"):
            attempt = message.latest_attempt
            assert attempt is not None
            carrier = "twilio" if attempt.carrier == "sandbox" else attempt.carrier
            assert codes[carrier, attempt.code] == message.reason == attempt.reason
            assert attempt.carrier_words
            assert attempt.raw

    def test_the_default_size(self) -> None:
        leads = Lead.objects.filter(organization__slug="demo")
        assert leads.count() == 300
        assert SmsMessage.objects.filter(organization__slug="demo").count() == 3600
        assert leads.filter(sms_count__lte=3).count() > 150
        assert leads.filter(sms_count__gte=100).count() in range(2, 20)

    def test_the_first_page_shows_todays_failures_and_the_reps_leads(self, client: Client) -> None:
        rep = User.objects.get(username="rep")
        client.force_login(rep)
        page = client.get("/leads/").content.decode()
        stories = list(Lead.objects.visible_to(rep).order_by("-last_activity_at", "-id")[:5])
        for lead in stories:
            assert lead.owner == rep
            assert lead.name in page
        assert {lead.failed_sms_count for lead in stories} >= {0, 1}
        midnight = timezone.now().astimezone(NEW_YORK).replace(hour=0, minute=0, second=0)
        failed = SmsMessage.objects.visible_to(rep).failed().filter(created__gte=midnight)
        assert {"spam", "not_sms_capable", "unsupported_country"} <= {row.reason for row in failed}

    def test_requests_in_several_states_have_their_evidence(self) -> None:
        rows = SupportRequest.objects.filter(organization__slug="demo")
        states = {"submitted", "more_information", "whitelisted", "draft", "answered"}
        assert {row.state for row in rows} == states
        submitted = rows.get(state="submitted")
        assert {message.reason for message in submitted.messages.all()} == {Reason.SPAM}
        assert [file.name for file in rows.get(state="more_information").evidence.all()] == [
            "quote form.txt"
        ]
        answered = rows.get(state="answered")
        assert [message.reason for message in answered.messages.all()] == [Reason.FRAUD_BLOCK]
        assert {mail.state for mail in Mail.objects.all()} == {Mail.State.SENT}

    def test_the_review_queue_is_busy(self) -> None:
        waiting = SupportRequest.objects.open()
        assert waiting.values("organization").distinct().count() == 2
        assert 0 < waiting.overdue().count() < waiting.count()
        for row in SupportRequest.objects.submitted():
            times = [event.created for event in row.events.all()]
            assert times == sorted(times)
            assert row.created <= times[0]

    def test_people_have_notifications_that_were_read_and_new_ones(self) -> None:
        rows = Notification.objects.filter(user__username="rep")
        assert {row.kind for row in rows} >= {"reply", "failure", "question", "decision"}
        assert {row.is_unread for row in rows} == {True, False}
        assert not rows.exclude(mail_due=None).exists()

    @pytest.mark.parametrize("name", ["rep", "manager", "support", "admin", "rival_rep"])
    def test_demo_users_sign_in_with_their_username_as_password(self, name: str) -> None:
        assert authenticate(RequestFactory().post("/sign-in/"), username=name, password=name)

    def test_other_users_cannot_sign_in(self) -> None:
        others = User.objects.exclude(
            username__in=["rep", "manager", "support", "admin", "rival_rep"]
        )
        assert others
        assert not any(user.has_usable_password() for user in others)

    def test_support_can_open_the_code_map_in_the_admin(self, client: Client) -> None:
        support = User.objects.get(username="support")
        assert support.organization is None
        assert support.has_perm("messaging.change_carriercode")
        client.force_login(support)
        assert client.get("/admin/").status_code == 200
        assert client.get("/admin/messaging/carriercode/").status_code == 200

    def test_the_support_user_has_the_support_groups_permissions(self) -> None:
        """Leads and texts aren't included: support sees what it needs on the request."""
        permissions = set(
            Group.objects.get(name="Support").permissions.values_list("codename", flat=True)
        )
        support = User.objects.get(username="support")
        assert {name.partition(".")[2] for name in support.get_all_permissions()} == permissions
        assert not {"view_lead", "view_smsmessage", "view_user", "change_user"} & permissions

    def test_organizations_do_not_see_each_other(self) -> None:
        rival = User.objects.get(username="rival_rep")
        assert Lead.objects.visible_to(rival).count() == load.LEADS_OF_RIVAL
        assert not Lead.objects.visible_to(rival).filter(name="Sunrise Dental Group").exists()


class TestAtNoon:
    @pytest.fixture(autouse=True, scope="class")
    @staticmethod
    def data(class_transaction: None) -> None:
        load_small(leads=300)

    def test_only_scheduled_texts_are_in_the_future(self) -> None:
        assert not SmsMessage.objects.filter(created__gt=NOON).exists()
        assert not Note.objects.filter(created__gt=NOON).exists()
        assert not Lead.objects.filter(created__gt=NOON).exists()
        scheduled = SmsMessage.objects.filter(status="scheduled")
        assert scheduled
        for message in scheduled:
            assert message.scheduled is not None
            assert message.scheduled > NOON
            assert message.attempts.get().state == Attempt.State.QUEUED
            assert message.attempts.get().due == message.scheduled
        assert not Attempt.objects.claimable(NOON).exists()

    def test_statuses_follow_the_carrier(self) -> None:
        sent = SmsMessage.objects.filter(status="sent").prefetch_related("attempts")
        for message in sent:
            assert message.latest_attempt is not None
            assert message.latest_attempt.state == Attempt.State.ACCEPTED
            assert message.latest_attempt.carrier_id
            assert message.sent is not None
        assert Attempt.objects.filter(number=2, state="accepted").exists()
        assert Attempt.objects.filter(number=2, state="failed").exists()
        events = CarrierEvent.objects.filter(kind="status").select_related("attempt")
        assert events
        for event in events:
            assert event.attempt is not None
            assert ["MessageSid", event.attempt.carrier_id] in event.payload

    def test_rollups_match_the_triggers(self) -> None:
        call_command("rollups", stdout=StringIO())

    def test_landlines_and_opt_outs_are_recorded(self) -> None:
        landlines = Recipient.objects.filter(capability="not_sms_capable")
        assert landlines
        for recipient in landlines:
            assert recipient.evidence is not None
            assert recipient.evidence.message.remote_phone == recipient.phone
        assert set(OptOut.objects.values_list("source", flat=True)) == {
            "keyword",
            "wording",
            "carrier",
        }
        for opt_out in OptOut.objects.select_related("message", "recipient"):
            assert opt_out.message is not None
            assert opt_out.message.remote_phone == opt_out.recipient.phone
            newer = opt_out.message.lead.messages.filter(
                remote_phone=opt_out.recipient.phone, created__gt=opt_out.message.created
            )
            assert not newer.exists()
        assert Consent.objects.exclude(wording="").exists()

    def test_phone_numbers_are_valid_and_some_are_foreign(self) -> None:
        numbers = [phone.number for phone in ContactPhone.objects.filter(organization__slug="demo")]
        magic = "+1500555"
        assert all(number.is_valid for number in numbers if not number.e164.startswith(magic))
        assert {"US", "CA", "BS", "JM", "GB"} <= {number.region for number in numbers}
        assert len({number.e164 for number in numbers}) == len(numbers)

    def test_delivered_texts_have_no_spam_marks(self) -> None:
        """A false warning is annoying, so fewer than one in a hundred may have one."""
        texts = SmsMessage.objects.filter(direction="outgoing", status="sent")
        marked = [text for text in texts.values_list("text", flat=True) if spam_marks.find(text)]
        assert len(marked) <= texts.count() / 100

    def test_there_is_a_sender_number_of_each_kind(self) -> None:
        rep = User.objects.get(username="rep")
        numbers = SenderNumber.objects.visible_to(rep)
        assert numbers.filter(owner=rep).count() == 1
        assert numbers.filter(owner=None, registered=True, active=True).exists()
        assert numbers.filter(registered=False).exists()
        assert set(numbers.filter(active=True).values_list("carrier", flat=True)) == {"sandbox"}


@pytest.mark.once
def test_there_is_activity_at_any_time_of_day_and_a_seed_repeats_it_for_an_hour() -> None:
    midnight = datetime(2026, 3, 11, tzinfo=NEW_YORK)
    loaded = []
    for seed, minutes in ((1, 0), (2, 59), (1, 61), (1, 23 * 60), (1, 24 * 60 - 1)):
        now = midnight + timedelta(minutes=minutes)
        with transaction.atomic():
            load_small(now=now, seed=seed, leads=15)
            today = SmsMessage.objects.filter(organization__slug="demo", created__gte=midnight)
            assert today.failed().count() >= 3
            assert not today.filter(created__gt=now).exists()
            # The installer of a lead is a primary key, and sequences survive a rollback.
            Lead.objects.filter(custom__has_key="Installer").update(custom={})
            loaded.append((rows(SmsMessage, "text"), everything()))
            transaction.set_rollback(True)
    (texts, _), (other_texts, _), _, one, same_hour = loaded
    assert one == same_hour
    assert texts != other_texts


@pytest.mark.once
def test_a_custom_size_is_loaded_once() -> None:
    assert "loaded" in demo("--leads", "50", "--messages", "321", "--seed", "7")
    assert Lead.objects.filter(organization__slug="demo").count() == 50
    assert SmsMessage.objects.filter(organization__slug="demo").count() == 321
    before = everything()
    assert "Nothing was changed" in demo("--leads", "99")
    assert everything() == before


def test_the_demo_requires_debug() -> None:
    with pytest.raises(CommandError, match="only with DEBUG=on"):
        call_command("demo")
    assert not User.objects.exists()


def test_a_negative_size_is_refused() -> None:
    with pytest.raises(CommandError, match="can't be negative"):
        demo("--leads", "-1")
