"""Make the texts of a running bulk send, shortly before they are sent."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from leads.models import ContactPhone, DeletedLead
from messaging.composing import limits
from messaging.models import BulkItem, BulkSend, Recipient, SenderNumber, SmsMessage, Thread
from messaging.models.bulk import LeftOut
from messaging.outgoing import outbox
from messaging.outgoing.bulk import items, room
from messaging.outgoing.bulk.room import Room
from smscenter import moments
from smscenter.accounts.models import User

log = structlog.get_logger(__name__)

State = BulkItem.State
# Items in one transaction. Each resend is several statements.
CHUNK, RESENDS = 100, 20
# Makes the form token of an item's text, so that no text is made twice.
TOKENS = uuid.UUID("6ac7a4f0-6d0c-4d6c-9d55-6d5d5f0f3a0b")

NO_LONGER = "This number is no longer one of the lead's."
DELETED = "It was deleted before it could be sent."


def send(bulk: BulkSend, by: User) -> bool:
    """Make the next texts that there's room for. Return whether anything was done."""
    now = timezone.now()
    if not bulk.items.waiting().exists():
        return BulkSend.objects.move(bulk.pk, (BulkSend.State.RUNNING,), BulkSend.State.DONE)
    rows, held = _next_items(bulk, now)
    _note(bulk, held)
    if not rows:
        return False
    with moments.reading_in(by.zone, named=False):
        _check(bulk, rows, now)
    return _store(bulk, by, rows, now)


def next_due(bulk: BulkSend, at: datetime) -> datetime | None:
    """Return when quiet hours end for the first item, if all items wait for that."""
    if bulk.items.due(at).exists():
        return None
    first: datetime | None = bulk.items.waiting().aggregate(first=Min("due"))["first"]
    return first


def _next_items(bulk: BulkSend, now: datetime) -> tuple[list[BulkItem], Room]:
    """Return the items for which there's room, or why there's none."""
    if bulk.sender and not bulk.sender.active:
        return [], Room(0, BulkSend.Hold.SENDER)
    allowed = room.of_organization(bulk)
    chunk = RESENDS if bulk.is_resend else CHUNK
    limit = min(room.by_pace(bulk, now), allowed.texts, chunk)
    rows: list[BulkItem] = []
    holds = [allowed]
    for sender in _senders(bulk, now) if limit else ():
        there = room.of_sender(sender, now)
        due = bulk.items.due(now).filter(sender=sender).select_related("lead", "contact", "message")
        rows += due[: min(there.texts, limit - len(rows))]
        holds.append(there)
    if limit and not rows:
        rows = list(bulk.items.due(now).filter(sender=None)[:limit])
    held = next((each for each in holds if each.hold), Room(0))
    return rows, Room(0) if rows else held


def _senders(bulk: BulkSend, now: datetime) -> Iterator[SenderNumber]:
    used = bulk.items.due(now).order_by().values("sender").distinct()
    return SenderNumber.objects.filter(pk__in=used).order_by("pk").iterator()


def _note(bulk: BulkSend, held: Room) -> None:
    """Store why nothing is sent right now, for the page."""
    if (bulk.hold, bulk.held_until) != (held.hold, held.until):
        rows = BulkSend.objects.filter(pk=bulk.pk, state=BulkSend.State.RUNNING)
        rows.update(hold=held.hold, held_until=held.until)
        bulk.hold, bulk.held_until = held.hold, held.until


def _check(bulk: BulkSend, rows: Sequence[BulkItem], now: datetime) -> None:
    """Check items again, because things may have changed since the preview."""
    organization, phones = bulk.organization, {row.phone for row in rows}
    known = Recipient.objects.known(organization, phones)
    full = limits.full_numbers(organization, phones)
    just_sent = limits.same_texts(organization, phones)
    listed = set(
        ContactPhone.objects.visible_in(organization.pk)
        .filter(phone__in=phones)
        .order_by()
        .values_list("contact__lead", "phone")
    )
    deleted = DeletedLead.objects.filter(lead__in={row.lead_id for row in rows} - {None})
    gone = {None, *deleted.values_list("lead", flat=True)}
    for row in rows:
        with items.leaving_out_broken(row):
            if row.lead_id in gone or (bulk.is_resend and row.message_id is None):
                items.leave_out(row, LeftOut.DELETED, DELETED)
            elif not bulk.is_resend and (row.lead_id, row.phone) not in listed:
                items.leave_out(row, LeftOut.DELETED, NO_LONGER)
            elif row.phone in full:
                items.leave_out(row, LeftOut.LIMIT, limits.number_is_full(row.phone))
            elif (row.phone, row.text) in just_sent:
                items.leave_out(row, LeftOut.SAME_TEXT, outbox.SAME_TEXT)
            else:
                items.check(row, organization, known, now)


def _store(bulk: BulkSend, by: User, rows: Sequence[BulkItem], now: datetime) -> bool:
    """Store the texts of these items, unless it was paused, stopped, or done by another worker."""
    with transaction.atomic():
        running = BulkSend.objects.filter(pk=bulk.pk, state=BulkSend.State.RUNNING)
        row = running.select_for_update(of=("self",)).defer("selection").first()
        if row is None:
            return False
        waiting = bulk.items.waiting().filter(pk__in=[each.pk for each in rows])
        still = set(waiting.values_list("pk", flat=True))
        rows = [each for each in rows if each.pk in still]
        ready = [each for each in rows if each.state == State.WAITING and each.due is None]
        made = _resend(ready, by) if bulk.is_resend else _make(bulk, ready, by, now)
        fields = ["state", "message", "reason", "notes", "due", "once"]
        BulkItem.objects.bulk_update(rows, fields)
        row.next_at = room.next_slot(bulk, now) + room.gap(bulk) * made
        row.save(update_fields=["next_at"])
        bulk.next_at = row.next_at
    log.info("bulk_texts_made", bulk=bulk.pk, texts=made, left=len(rows) - made)
    return bool(rows)


def _make(bulk: BulkSend, rows: Sequence[BulkItem], by: User, now: datetime) -> int:
    """Add the texts to the outbox. Return their number."""
    texts = [_text_of(bulk, row, by, now) for row in rows]
    # A bulk send answers no one's question.
    with Thread.objects.kept_waiting(text.lead_id for text in texts):
        outbox.queue_all(texts, at=now)
    return len(rows)


def _text_of(bulk: BulkSend, row: BulkItem, by: User, now: datetime) -> SmsMessage:
    row.state = State.MADE
    row.message = SmsMessage(
        organization_id=bulk.organization_id,
        lead=row.lead,
        contact=row.contact,
        sender=bulk.sender,
        user=by,
        template_id=bulk.template_id,
        direction=SmsMessage.Direction.OUTGOING,
        status=SmsMessage.Status.OUTBOX,
        remote_phone=row.phone,
        local_phone=bulk.sender.phone if bulk.sender else "",
        form_token=uuid.uuid5(TOKENS, str(row.pk)),
        created=now,
        **outbox.text_fields(row.text, plain=False),
    )
    return row.message


def _resend(rows: Sequence[BulkItem], by: User) -> int:
    """Queue another attempt of each text. Return how many were queued."""
    made = 0
    messages = SmsMessage.objects.select_related("lead__organization", "sender")
    texts = messages.in_bulk([row.message_id for row in rows])
    # In the same order as all who lock several messages.
    for row in sorted(rows, key=lambda each: (each.lead_id or 0, each.message_id or 0)):
        try:
            outbox.resend(texts[row.message_id or 0], by)
        except outbox.LimitReached as refused:
            items.leave_out(row, LeftOut.LIMIT, str(refused))
        except outbox.Refused as refused:
            reason = next((each.reason for each in refused.verdicts if each.reason), None)
            items.leave_out(row, reason or LeftOut.PROBLEM, str(refused))
        except outbox.NotFailedError:
            items.leave_out(row, LeftOut.NOT_FAILED, "It was sent in the meantime.")
        else:
            row.state = State.MADE
            made += 1
    return made
