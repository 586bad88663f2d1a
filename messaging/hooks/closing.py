"""What texts do when an organization is going to be deleted, and how their rows are deleted."""

from django.db import transaction

from messaging.hooks.erasing import delete_at_once
from messaging.models import BulkSend, CarrierEvent, Consent, Recipient, SmsMessage, UnmatchedText
from messaging.outgoing import schedule
from smscenter.accounts.models import Organization
from smscenter.accounts.organizations.deletion import when_requested
from smscenter.accounts.organizations.rows import BATCH, RowDeleter, row_deleters, rows_of
from smscenter.retention import next_ids

State = BulkSend.State


def stop_sending(organization: Organization) -> None:
    """Stop bulk sends, and turn texts that wait into drafts. The worker does the rest of them."""
    bulks = BulkSend.objects.filter(organization=organization).exclude(state__in=BulkSend.OVER)
    for pk in bulks.values_list("pk", flat=True):
        old = (State.PREPARING, State.READY, State.RUNNING, State.PAUSED)
        BulkSend.objects.move(pk, old, State.STOPPED)
    transaction.on_commit(schedule.withdraw_closing)


def _delete_texts(organization: Organization) -> int:
    """Delete texts with what the carrier reported about them."""
    ids = next_ids(rows_of(SmsMessage, organization), BATCH)
    CarrierEvent.objects.filter(message__in=ids).delete()
    SmsMessage.objects.filter(pk__in=ids).delete()
    return len(ids)


def _delete_unmatched(organization: Organization) -> int:
    ids = next_ids(rows_of(UnmatchedText, organization), BATCH)
    CarrierEvent.objects.filter(unmatched__in=ids).delete()
    UnmatchedText.objects.filter(pk__in=ids).delete()
    return len(ids)


def _delete_recipients(organization: Organization) -> int:
    """Delete numbers with their records of consent, which go only together."""
    ids = next_ids(rows_of(Recipient, organization), BATCH)
    with transaction.atomic():
        delete_at_once(Recipient.objects.filter(pk__in=ids))
        delete_at_once(Consent.objects.filter(recipient__in=ids))
    return len(ids)


for model, delete in (
    (SmsMessage, _delete_texts),
    (UnmatchedText, _delete_unmatched),
    (Recipient, _delete_recipients),
    (Consent, lambda _organization: 0),
):
    row_deleters.register(RowDeleter(model, delete))


when_requested.register(stop_sending)
