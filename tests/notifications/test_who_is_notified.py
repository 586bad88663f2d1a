"""Replies and failures notify the right people, once, until they're read or mended."""

import uuid

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Lead
from leads.page import place_of
from leads.phones import Phone
from messaging.models import Attempt, BulkItem, BulkSend, SenderNumber, SmsMessage
from messaging.outgoing import corrections, outbox
from smscenter.accounts.models import User
from smscenter.notifications import notify
from smscenter.notifications.models import Notification, Preference
from tests import factories
from tests.messaging import calls
from tests.messaging.calls import report, text
from tests.notifications.conftest import of


@pytest.fixture
def failed(bakery: Lead, number: SenderNumber, rep: User) -> SmsMessage:
    """Return a text of the rep that a carrier reported as spam."""
    return fail(bakery, number, rep)


def sent(lead: Lead, number: SenderNumber, user: User, sid: str = "SM1") -> Attempt:
    """Return the attempt of a user's text that the sandbox accepted."""
    message = factories.message(lead, sender=number, user=user, receipt="accepted")
    return calls.accepted(message, sid=sid)


def fail(lead: Lead, number: SenderNumber, user: User, sid: str = "SM1") -> SmsMessage:
    attempt = sent(lead, number, user, sid)
    report("undelivered", "30007", sid=sid)
    return SmsMessage.objects.get(pk=attempt.message_id)


def incoming() -> SmsMessage:
    return SmsMessage.objects.filter(direction="incoming").latest("pk")


def test_a_reply_notifies_the_owner_and_who_texted_last(
    bakery: Lead, rep: User, colleague: User, stranger: User
) -> None:
    factories.message(bakery, user=colleague)
    text("Yes, please")
    text("Yes, please")
    assert of(rep) == of(colleague) == [("reply", incoming().pk)]
    assert of(stranger) == []


def test_a_failure_notifies_who_sent_the_text_once(
    failed: SmsMessage, rep: User, colleague: User
) -> None:
    report("undelivered", "30007")
    report("failed", "30007")
    assert (of(rep), of(colleague)) == ([("failure", failed.pk)], [])


def test_who_left_or_is_inactive_or_turned_it_off_is_not_notified(
    bakery: Lead, number: SenderNumber, rep: User, colleague: User, stranger: User
) -> None:
    User.objects.filter(pk=rep.pk).update(is_active=False)
    User.objects.filter(pk=colleague.pk).update(organization=stranger.organization)
    third = factories.user(bakery.organization, "tom")
    for kind in ("failure", "reply"):
        Preference.objects.create(user=third, kind=kind, in_app=False, mail="none")
    for position, user in enumerate((rep, colleague, third)):
        fail(bakery, number, user, sid=f"SM{position}")
    text("Yes, please", sid="SMin")
    assert not Notification.objects.exists()


def test_what_a_former_member_was_notified_of_is_no_longer_shown(
    failed: SmsMessage, rep: User, stranger: User
) -> None:
    rep.organization = stranger.organization
    rep.save()
    assert of(rep) == []


def test_a_text_that_is_resent_or_handled_needs_no_attention(
    failed: SmsMessage, bakery: Lead, number: SenderNumber, rep: User, as_rep: Client
) -> None:
    second, third = (fail(bakery, number, rep, sid=sid) for sid in ("SM2", "SM3"))
    assert len(of(rep)) == 3
    outbox.resend(failed, rep)
    assert len(of(rep)) == 2
    as_rep.post(f"/messages/{second.pk}/handle/")
    assert of(rep) == [("failure", third.pk)]
    corrections.resend(
        third, rep, to=Phone("+15005550009"), text="Hi", sender=number, form_token=uuid.uuid4()
    )
    assert of(rep) == []


def test_a_text_whose_automatic_retry_is_accepted_needs_no_attention(
    bakery: Lead, number: SenderNumber, rep: User
) -> None:
    attempt = sent(bakery, number, rep)
    report("undelivered", "30003")
    assert of(rep) == [("failure", attempt.message_id)]
    retry = Attempt.objects.get(message=attempt.message_id, number=2)
    Attempt.objects.filter(pk=retry.pk).update(
        state="sending", lease=uuid.uuid4(), lease_until=timezone.now(), started=timezone.now()
    )
    report("sent", sid="SM2", key=retry.key)
    assert of(rep) == []


def test_a_bulk_send_is_one_notification(
    bakery: Lead, number: SenderNumber, rep: User, as_rep: Client
) -> None:
    bulk = BulkSend.objects.create(
        organization=bakery.organization, kind="send", state="running", total=2, created_by=rep
    )
    for position in range(2):
        attempt = sent(bakery, number, rep, f"SM{position}")
        BulkItem.objects.create(
            organization=bakery.organization, bulk=bulk, position=position, state="made",
            lead=bakery, message=attempt.message, name="Bluebird Bakery",
        )  # fmt: skip
        report("undelivered", "30007", sid=f"SM{position}")
    assert of(rep) == [("failed_bulk", bulk.pk)]
    assert "Texts failed in your bulk send" in as_rep.get("/notifications/").content.decode()
    as_rep.get(bulk.get_absolute_url())
    assert of(rep) == []


def test_more_than_anyone_reads_are_one_notification(
    bakery: Lead, rep: User, as_rep: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "MOST", 2)
    for subject in range(1, 6):
        notify.notify(
            "failure", [rep.pk], organization=bakery.organization.pk, subject=subject,
            place=place_of(bakery.pk),
        )  # fmt: skip
    assert of(rep) == [("failure", 1), ("failure", 2), ("failure", 0)]
    page = as_rep.get("/notifications/").content.decode()
    assert "More than 100 texts failed in an hour" in page


@pytest.mark.parametrize("page", ["lead", "message"])
def test_what_was_read_at_its_place_is_read(
    failed: SmsMessage, bakery: Lead, rep: User, colleague: User, as_rep: Client, page: str
) -> None:
    Notification.objects.bulk_create(
        Notification(
            organization=bakery.organization, user=colleague, kind=row.kind, subject=row.subject,
            place=row.place,
        )
        for row in Notification.objects.all()
    )  # fmt: skip
    as_rep.get((bakery if page == "lead" else failed).get_absolute_url())
    assert of(rep) == []
    assert of(colleague) == [("failure", failed.pk)]
