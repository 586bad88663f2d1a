"""Rollups stay correct when several connections write at once, and there is no deadlock.

Each transaction locks its leads in the order of their ids. One that writes several messages of the
same lead locks the lead first: a transaction that has locked a message waits for its lead, so one
that has locked the lead must not wait for another of its messages.
"""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from django.db import connections, transaction

from leads.models import Lead, Note
from messaging.models import SmsMessage
from smscenter.accounts.models import User
from tests import factories
from tests.messaging.test_rollups import KINDS, assert_correct_rollups, at

WRITERS = 4
TRANSACTIONS = 15

pytestmark = pytest.mark.django_db(transaction=True)


def insert(chance: random.Random, lead: Lead) -> None:
    direction, status = chance.choice(KINDS)
    moment = at(chance.randrange(5))
    factories.message(lead, direction=direction, status=status, reason="unknown", created=moment)


def disturb(chance: random.Random, lead: Lead) -> None:
    """Change or delete one message of the lead, if it has any."""
    ids = list(SmsMessage.objects.filter(lead=lead).order_by("pk").values_list("pk", flat=True))
    if not ids:
        return
    row = SmsMessage.objects.filter(pk=chance.choice(ids))
    direction, status = chance.choice(KINDS)
    action = chance.randrange(3)
    if action == 0:
        row.delete()
    elif action == 1:
        row.update(created=at(chance.randrange(5)))
    else:
        row.update(direction=direction, status=status)


def write_one_message_of_each_lead(chance: random.Random, leads: list[Lead]) -> None:
    for lead in sorted(chance.sample(leads, 3), key=lambda lead: lead.pk):
        disturb(chance, lead)
        insert(chance, lead)


def write_anything_with_locked_leads(chance: random.Random, leads: list[Lead]) -> None:
    ids = [lead.pk for lead in chance.sample(leads, 3)]
    locked = list(Lead.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    for _ in range(5):
        disturb(chance, chance.choice(locked))
        insert(chance, chance.choice(locked))
    SmsMessage.objects.filter(lead=locked[0]).update(lead=locked[1])


@pytest.mark.parametrize(
    "write", [write_one_message_of_each_lead, write_anything_with_locked_leads]
)
def test_concurrent_writers_leave_rollups_correct(
    rep: User, write: Callable[[random.Random, list[Lead]], None]
) -> None:
    leads = [factories.lead(rep, f"Lead {number}") for number in range(6)]
    ready = threading.Barrier(WRITERS)

    def writer(seed: int) -> None:
        chance = random.Random(seed)
        ready.wait()
        try:
            for _ in range(TRANSACTIONS):
                with transaction.atomic():
                    write(chance, leads)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(writer, range(WRITERS)))
    assert SmsMessage.objects.exists()
    assert_correct_rollups()


def test_inserting_an_older_note_waits_for_the_deletion_of_the_newest(lead: Lead) -> None:
    """Otherwise the deletion doesn't see the older note, and nothing corrects the rollup."""
    newest = Note.objects.create(organization=lead.organization, lead=lead, created=at(2))

    def insert_older() -> None:
        try:
            Note.objects.create(organization=lead.organization, lead=lead, created=at(1))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            newest.delete()
            older = pool.submit(insert_older)
            wait([older], timeout=0.3)
        older.result()
    assert_correct_rollups()
