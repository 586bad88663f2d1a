"""A bulk send: from the list of leads to texts, each accounted for on one page."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from leads.models import ContactPhone, Lead
from messaging.carriers import CarrierError
from messaging.models import Attempt, BulkItem, BulkSend, OptOut, SenderNumber, SmsMessage
from messaging.models.recipient import Recipient
from messaging.outgoing import outbox
from messaging.outgoing.bulk import preparation, sending, work
from messaging.outgoing.bulk.retention import delete_old_previews
from smscenter.accounts.models import User
from tests import factories
from tests.html import html_of
from tests.messaging.desk import Desk
from tests.messaging.outgoing.bulk.conftest import (
    Create,
    buckets,
    choose,
    finish,
    move,
    number,
    reasons,
    recipient,
    step,
    ticked,
)


def test_leads_of_a_search_get_their_texts(
    as_rep: Client, leads: list[Lead], create: Create, desk: Desk
) -> None:
    assert "Text all 3" in html_of(as_rep.get("/leads/"))
    bulk = create()
    assert buckets(as_rep, bulk) == {"waiting": 3}
    page = html_of(as_rep.get(bulk.get_absolute_url()))
    assert "<strong>3 texts</strong> to send, 3 segments." in page
    assert "Hi Ada1" in page
    assert not SmsMessage.objects.exists()
    factories.message(leads[0], direction="incoming", status="inbox", text="Why?")
    move(as_rep, bulk, "start")
    finish(bulk)
    assert "Why?" in html_of(as_rep.get("/inbox/")), "it answers nothing"
    assert {sms.text for sms in desk.sent} == {f"Hi Ada{n}" for n in range(3)}
    assert buckets(as_rep, bulk) == {"sent": 3}
    assert bulk.state == "done"
    item = bulk.items.get(position=0)
    assert item.message is not None
    assert item.message.get_absolute_url() in html_of(as_rep.get(bulk.get_absolute_url()))


@pytest.mark.once
def test_only_ticked_leads_get_it(
    as_rep: Client, leads: list[Lead], stranger: User, create: Create, desk: Desk
) -> None:
    foreign = factories.lead(stranger)
    bulk = create(ticked([leads[1], foreign]))
    move(as_rep, bulk, "start")
    finish(bulk)
    assert [sms.to for sms in desk.sent] == [number(1)]
    response = as_rep.get(ticked([]), follow=True)
    assert "Select at least one row." in html_of(response)


def test_who_is_left_out_and_why(
    as_rep: Client, rep: User, leads: list[Lead], create: Create, sender: SenderNumber
) -> None:
    organization = rep.organization
    assert organization is not None
    numberless = factories.lead(rep, "Without a number")
    same = recipient(rep, 4, number(0))
    corrupt = recipient(rep, 5, "+garbage")
    abroad = recipient(rep, 6, "+442071838750")
    landline = Recipient.objects.create(
        organization=organization, phone=number(1), capability="not_sms_capable"
    )
    out = Recipient.objects.create(organization=organization, phone=number(2))
    OptOut.objects.create(organization=organization, recipient=out, source="keyword")
    rows = [*leads, numberless, same, corrupt, abroad]
    bulk = create("/bulk/new/?kind=send&sort=name", text="Hi")
    assert bulk.total == len(rows)
    assert buckets(as_rep, bulk) == {"waiting": 1, "left_out": 6}
    assert reasons(as_rep, bulk, "left_out") == {
        "no_number": 1,
        "duplicate": 1,
        "invalid_number": 1,
        "unsupported_country": 1,
        "not_sms_capable": 1,
        "opted_out": 1,
    }
    page = html_of(as_rep.get(f"{bulk.get_absolute_url()}?bucket=left_out&why=opted_out"))
    assert "This person opted out on" in page
    assert "+garbage" in html_of(as_rep.get(f"{bulk.get_absolute_url()}?bucket=left_out"))
    assert landline.phone == number(1)


@pytest.mark.once
def test_a_missing_value_leaves_out_one_lead(
    as_rep: Client, rep: User, leads: list[Lead], create: Create
) -> None:
    nameless = factories.lead(rep, "Nameless")
    factories.contact(nameless, number(9), " ")
    bulk = create(text="Hi {{ contact.first_name }}")
    assert reasons(as_rep, bulk, "left_out") == {"missing_value": 1}
    response = as_rep.post("/bulk/new/?kind=send", {"text": "Hi {{ contact.age }}", "pace": 1})
    assert response.status_code == 422
    assert "isn&#x27;t a placeholder" in html_of(response)


@pytest.mark.once
def test_the_number_is_the_one_that_the_composer_chooses(
    as_rep: Client, rep: User, create: Create
) -> None:
    lead = recipient(rep, 1)
    contact = lead.contacts.get()
    ContactPhone.objects.create(
        organization=lead.organization, contact=contact, phone=number(2), label="mobile"
    )
    Recipient.objects.create(
        organization=lead.organization, phone=number(1), capability="not_sms_capable"
    )
    bulk = create()
    assert bulk.items.get().phone == number(2)
    composer = as_rep.get(lead.get_absolute_url()).context["panels"]["messaging/_composer.html"]
    assert composer["form"].chosen("to").phone == number(2)


@pytest.mark.once
def test_everything_is_checked_again_when_it_is_sent(
    as_rep: Client, rep: User, leads: list[Lead], create: Create, desk: Desk, settings: Settings
) -> None:
    more = [recipient(rep, n) for n in range(3, 7)]
    bulk = create(text="Hi")
    organization = bulk.organization
    out = Recipient.objects.create(organization=organization, phone=number(0))
    OptOut.objects.create(organization=organization, recipient=out, source="keyword")
    leads[1].delete()
    ContactPhone.objects.filter(phone=number(2)).update(phone=number(22))
    factories.message(more[0], text="Hi", remote_phone=number(3))
    settings.TEXTS_PER_HOUR_TO_NUMBER = 2
    for text in ("One", "Two"):
        factories.message(more[1], text=text, remote_phone=number(4))
    move(as_rep, bulk, "start")
    finish(bulk)
    assert {sms.to for sms in desk.sent} == {number(5), number(6)}
    assert buckets(as_rep, bulk) == {"sent": 2, "left_out": 5}
    assert reasons(as_rep, bulk, "left_out") == {
        "opted_out": 1,
        "deleted": 2,
        "same_text": 1,
        "limit": 1,
    }


def test_results_are_accounted_for(
    as_rep: Client, leads: list[Lead], create: Create, desk: Desk
) -> None:
    desk.responses[number(0)] = CarrierError("Landline", code="30006", permanent=True)
    bulk = create()
    move(as_rep, bulk, "start")
    finish(bulk)
    assert buckets(as_rep, bulk) == {"sent": 2, "failed": 1}
    assert reasons(as_rep, bulk, "failed") == {"not_sms_capable": 1}
    sent = SmsMessage.objects.filter(status="sent").first()
    assert sent is not None
    Attempt.objects.filter(message=sent).update(state="uncertain")
    SmsMessage.objects.filter(pk=sent.pk).update(status="outbox")
    assert buckets(as_rep, bulk) == {"sent": 1, "failed": 1, "unconfirmed": 1}
    SmsMessage.objects.filter(status="sent").delete()
    assert buckets(as_rep, bulk) == {"deleted": 1, "failed": 1, "unconfirmed": 1}


@pytest.mark.once
def test_only_its_creator_and_managers_change_it(
    as_rep: Client, colleague: User, leads: list[Lead], create: Create
) -> None:
    bulk, client = create(), Client()
    client.force_login(colleague)
    assert "Send 3 texts" not in html_of(client.get(bulk.get_absolute_url()))
    assert move(client, bulk, "start").status_code == 403
    assert choose(client, bulk, "leave_out", bulk.items.all()).status_code == 403
    User.objects.filter(pk=colleague.pk).update(role="manager")
    move(client, bulk, "start")
    assert bulk.state == "running"


@pytest.mark.once
def test_people_leave_out_and_include_before_the_start(
    as_rep: Client, leads: list[Lead], create: Create, desk: Desk
) -> None:
    bulk = create()
    choose(as_rep, bulk, "leave_out", bulk.items.order_by("position")[:2])
    assert buckets(as_rep, bulk) == {"waiting": 1, "left_out": 2}
    choose(as_rep, bulk, "include", bulk.items.order_by("position")[:1])
    assert buckets(as_rep, bulk) == {"waiting": 2, "left_out": 1}
    move(as_rep, bulk, "start")
    choose(as_rep, bulk, "leave_out", bulk.items.all())
    finish(bulk)
    assert buckets(as_rep, bulk) == {"sent": 2, "left_out": 1}


@pytest.mark.once
def test_a_preview_is_discarded_and_posted_twice_it_is_one(
    as_rep: Client, leads: list[Lead], create: Create
) -> None:
    token = "0c9b9d4e-2f83-4a51-9d3c-2f6a3b1a7f10"
    bulk = create(form_token=token)
    assert create(form_token=token) == bulk
    move(as_rep, bulk, "discard")
    assert not BulkSend.objects.exists()
    assert not BulkItem.objects.exists()


def test_previews_that_nobody_started_are_deleted(
    as_rep: Client, leads: list[Lead], create: Create
) -> None:
    old, started = create(), create()
    move(as_rep, started, "start")
    recent = create()
    BulkSend.objects.exclude(pk=recent.pk).update(created=timezone.now() - timedelta(days=91))
    delete_old_previews()
    assert set(BulkSend.objects.all()) == {started, recent}
    assert not BulkItem.objects.filter(bulk=old.pk).exists()


def test_a_slow_worker_goes_on_in_its_next_run(
    as_rep: Client, leads: list[Lead], create: Create, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "SECONDS", 0)
    monkeypatch.setattr(sending, "CHUNK", 1)
    bulk = create()
    move(as_rep, bulk, "start")
    BulkSend.objects.update(next_at=timezone.now() - timedelta(seconds=4))
    for made in range(1, 4):
        work.run()
        assert SmsMessage.objects.count() == made


def test_two_workers_and_a_killed_one_double_nothing_and_lose_nothing(
    as_rep: Client,
    rep: User,
    leads: list[Lead],
    create: Create,
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each step is repeated, once after it failed in the middle of its transaction."""
    monkeypatch.setattr(preparation, "CHUNK", 2)
    monkeypatch.setattr(sending, "CHUNK", 2)
    queue_all, calls = outbox.queue_all, []

    def die(messages: Any, **options: Any) -> None:
        queue_all(messages, **options)
        calls.append(len(messages))
        if len(calls) == 2:
            raise SystemExit

    bulk = create()
    stale = BulkSend.objects.get(pk=bulk.pk)
    stale.prepared, stale.state = 0, "preparing"
    assert not preparation.prepare(stale, rep)
    assert bulk.items.count() == 3

    monkeypatch.setattr(outbox, "queue_all", die)
    move(as_rep, bulk, "start")
    with pytest.raises(SystemExit):
        step()
    first, _ = sending._next_items(bulk, timezone.now())
    finish(bulk)
    assert first
    assert not sending._store(bulk, rep, first, timezone.now())
    assert sorted(sms.to for sms in desk.sent) == [number(n) for n in range(3)]
    assert buckets(as_rep, bulk) == {"sent": 3}
