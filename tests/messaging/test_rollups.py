"""A lead's rollups stay correct, however messages and notes are written."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Case, When
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.models import Lead, Note
from messaging.models import SmsMessage
from smscenter.accounts.models import User
from tests import factories

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
KINDS = [
    ("incoming", "inbox"),
    *(("outgoing", status) for status in ("draft", "scheduled", "outbox", "sent", "error")),
]
KIND = st.sampled_from(KINDS)
# Few leads and few moments, so that messages often share a lead and a moment.
LEAD = st.integers(0, 2)
MOMENT = st.integers(0, 4)
WHICH = st.integers(0, 30)


def model_values(row: SmsMessage) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def at(moment: int) -> datetime:
    return START + timedelta(minutes=moment)


def recount(lead: Lead) -> dict[str, Any]:
    """Return the expected columns, computed in Python."""
    messages = sorted(SmsMessage.objects.filter(lead=lead), key=lambda row: (row.created, row.pk))
    notes = sorted(note.created for note in Note.objects.filter(lead=lead))
    statuses = [row.status for row in messages]
    handed_over = [row for row in messages if row.status in {"outbox", "sent", "error"}]
    latest = handed_over[-1] if handed_over else None
    last_sms_at = messages[-1].created if messages else None
    last_note_at = notes[-1] if notes else None
    return {
        "note_count": len(notes),
        "sms_count": len(messages),
        "has_many_sms": len(messages) > 100,
        "sent_sms_count": statuses.count("sent"),
        "received_sms_count": statuses.count("inbox"),
        "failed_sms_count": statuses.count("error"),
        "latest_sms_status": latest.status if latest else "",
        "latest_sms_at": latest.created if latest else None,
        "latest_sms_id": latest.pk if latest else None,
        "first_sms_at": messages[0].created if messages else None,
        "last_sms_at": last_sms_at,
        "last_note_at": last_note_at,
        "last_activity_at": max(filter(None, [lead.created, last_sms_at, last_note_at])),
    }


def assert_correct_rollups() -> None:
    for lead in Lead.objects.all():
        expected = recount(lead)
        assert {column: getattr(lead, column) for column in expected} == expected


def test_many_texts_are_marked(lead: Lead) -> None:
    message = factories.message(lead)
    more = [{**model_values(message), "id": None} for _ in range(100)]
    SmsMessage.objects.bulk_create(SmsMessage(**each) for each in more)
    assert Lead.objects.get().has_many_sms
    assert_correct_rollups()
    message.delete()
    assert not Lead.objects.get().has_many_sms
    assert_correct_rollups()


class World:
    """Three leads, and every way to write their messages and notes."""

    def __init__(self, owner: User) -> None:
        self.owner = owner
        self.leads = [factories.lead(owner, f"Lead {number}") for number in range(3)]

    def _message(self, lead: int, kind: tuple[str, str], moment: int) -> SmsMessage:
        direction, status = kind
        return SmsMessage(
            organization=self.owner.organization,
            lead=self.leads[lead],
            direction=direction,
            status=status,
            reason="unknown",
            text="Hello",
            remote_phone=factories.MOBILE,
            created=at(moment),
        )

    @staticmethod
    def _pick(rows: Any, which: int) -> Any:
        """Return a list with one of the rows, or an empty list."""
        found = list(rows.order_by("pk"))
        return [found[which % len(found)]] if found else []

    def insert(self, lead: int, kind: tuple[str, str], moment: int) -> None:
        self._message(lead, kind, moment).save()

    def insert_many(self, rows: list[tuple[int, tuple[str, str], int]]) -> None:
        SmsMessage.objects.bulk_create([self._message(*row) for row in rows])

    def change(self, which: int, kind: tuple[str, str]) -> None:
        for message in self._pick(SmsMessage.objects, which):
            message.direction, message.status = kind
            message.save()

    def redate(self, which: int, moment: int) -> None:
        for message in self._pick(SmsMessage.objects, which):
            message.created = at(moment)
            message.save(update_fields=["created"])

    def move(self, which: int, lead: int) -> None:
        for message in self._pick(SmsMessage.objects, which):
            message.lead = self.leads[lead]
            message.save()

    def rewrite(self, which: int, lead: int, kind: tuple[str, str], moment: int) -> None:
        """Change the lead, kind, and moment in one statement."""
        for message in self._pick(SmsMessage.objects, which):
            direction, status = kind
            SmsMessage.objects.filter(pk=message.pk).update(
                lead=self.leads[lead], direction=direction, status=status, created=at(moment)
            )

    def change_all(self, lead: int, kind: tuple[str, str]) -> None:
        direction, status = kind
        rows = SmsMessage.objects.filter(lead=self.leads[lead])
        rows.update(direction=direction, status=status)

    def move_all(self, lead: int, target: int) -> None:
        SmsMessage.objects.filter(lead=self.leads[lead]).update(lead=self.leads[target])

    def exchange(self, lead: int, other: int) -> None:
        """Give each of two leads the texts of the other, in one statement."""
        one, two = self.leads[lead].pk, self.leads[other].pk
        SmsMessage.objects.filter(lead__in=[one, two]).update(
            lead=Case(When(lead=one, then=two), default=one)
        )

    def redate_all(self, lead: int, moment: int) -> None:
        SmsMessage.objects.filter(lead=self.leads[lead]).update(created=at(moment))

    def delete(self, which: int) -> None:
        for message in self._pick(SmsMessage.objects, which):
            message.delete()

    def delete_all(self, lead: int) -> None:
        SmsMessage.objects.filter(lead=self.leads[lead]).delete()

    def insert_note(self, lead: int, moment: int) -> None:
        row = self.leads[lead]
        row.notes.create(organization=row.organization, created=at(moment))

    def rewrite_note(self, which: int, lead: int, moment: int) -> None:
        for note in self._pick(Note.objects, which):
            note.lead, note.created = self.leads[lead], at(moment)
            note.save()

    def delete_note(self, which: int) -> None:
        for note in self._pick(Note.objects, which):
            note.delete()

    def save_stale(self, lead: int, name: str) -> None:
        """Save a lead that was read before all other steps, as the admin may do."""
        self.leads[lead].name = name
        self.leads[lead].save()

    def replace(self, lead: int) -> None:
        """Delete a lead with its messages and notes."""
        self.leads[lead].delete()
        self.leads[lead] = factories.lead(self.owner, "Another")


def step(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(st.just(name), st.tuples(*arguments))


ROWS = st.lists(st.tuples(LEAD, KIND, MOMENT), min_size=3, max_size=10)
STEP = st.one_of(
    step("insert", LEAD, KIND, MOMENT),
    step("insert_many", ROWS),
    step("change", WHICH, KIND),
    step("redate", WHICH, MOMENT),
    step("move", WHICH, LEAD),
    step("rewrite", WHICH, LEAD, KIND, MOMENT),
    step("change_all", LEAD, KIND),
    step("move_all", LEAD, LEAD),
    step("exchange", LEAD, LEAD),
    step("redate_all", LEAD, MOMENT),
    step("delete", WHICH),
    step("delete_all", LEAD),
    step("insert_note", LEAD, MOMENT),
    step("rewrite_note", WHICH, LEAD, MOMENT),
    step("delete_note", WHICH),
    step("save_stale", LEAD, st.sampled_from(["One", "Two"])),
    step("replace", LEAD),
)


@pytest.mark.django_db
@settings(
    max_examples=settings.default.max_examples // 3,  # type: ignore[union-attr]
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # `make fuzz` tries many more
@given(rows=ROWS, steps=st.lists(STEP, min_size=1, max_size=12))
def test_rollups_stay_correct_after_any_sequence_of_writes(
    rep: User,
    rows: list[tuple[int, tuple[str, str], int]],
    steps: list[tuple[str, tuple[Any, ...]]],
) -> None:
    with transaction.atomic():
        world = World(rep)
        world.insert_many(rows)
        for name, arguments in steps:
            act: Callable[..., None] = getattr(world, name)
            act(*arguments)
            assert_correct_rollups()
        transaction.set_rollback(True)


def test_deleting_the_newest_message_makes_the_older_one_the_latest(lead: Lead) -> None:
    factories.message(lead, status="error", reason="not_sms_capable", created=at(0))
    newest = factories.message(lead, created=at(1))
    newest.delete()
    lead.refresh_from_db()
    assert (lead.latest_sms_status, lead.last_sms_at) == ("error", at(0))


def test_a_lead_gets_no_first_text_before_the_upgrade_has_found_it(lead: Lead) -> None:
    factories.message(lead, created=at(0))
    Lead.objects.update(first_sms_at=None)
    factories.message(lead, created=at(1))
    assert Lead.objects.get().first_sms_at is None


def test_of_simultaneous_messages_the_later_row_is_the_latest(lead: Lead) -> None:
    factories.message(lead, created=at(0))
    second = factories.message(lead, status="error", reason="not_sms_capable", created=at(0))
    lead.refresh_from_db()
    assert (lead.latest_sms_status, lead.latest_sms_id) == ("error", second.pk)


def test_drafts_and_incoming_texts_do_not_hide_a_failure(lead: Lead) -> None:
    factories.message(lead, status="error", reason="not_sms_capable", created=at(0))
    factories.message(lead, direction="incoming", status="inbox", created=at(1))
    factories.message(lead, status="draft", created=at(2))
    lead.refresh_from_db()
    assert (lead.latest_sms_status, lead.last_sms_at) == ("error", at(2))


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL keeps row versions")
def test_a_text_that_is_sent_writes_to_no_index_of_its_lead(lead: Lead) -> None:
    text = factories.message(lead, status="outbox")
    versions = "SELECT pg_stat_get_xact_tuples_hot_updated('leads_lead'::regclass)"
    with connection.cursor() as cursor:
        cursor.execute(versions)
        (before,) = cursor.fetchone()
        SmsMessage.objects.filter(pk=text.pk).update(status="sent")
        cursor.execute(versions)
        assert cursor.fetchone() == (before + 1,)
