"""The preview of a bulk send: an item for each selected lead or failed text."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha1

from django.db import transaction
from django.utils import timezone

from leads.models import ContactPhone, CustomField, Lead
from messaging.composing import preflight, segments, templates
from messaging.composing.templates import Writing
from messaging.models import BulkItem, BulkSend, Recipient, SmsMessage
from messaging.models.bulk import LeftOut
from messaging.models.message import OLD
from messaging.models.reason import Step
from messaging.outgoing.bulk import items
from smscenter import moments
from smscenter.accounts.models import User
from smscenter.wording import lowerfirst

# Items in one transaction.
CHUNK = 250
GONE = {
    BulkSend.Kind.SEND: "This lead was deleted.",
    BulkSend.Kind.RESEND: "This text was deleted.",
}
DUPLICATE = {
    BulkSend.Kind.SEND: "Another lead in this bulk send has the same number.",
    BulkSend.Kind.RESEND: "A newer text in this bulk send says the same to the same number.",
}

Fill = Callable[[BulkItem, int], None]


def prepare(bulk: BulkSend, by: User) -> bool:
    """Prepare the next items. Return whether anything was done."""
    start = bulk.prepared
    ids = bulk.selection[start : start + CHUNK]
    with moments.reading_in(by.zone, named=False):
        fill = _resends(bulk, by, ids) if bulk.is_resend else _sends(bulk, by, ids)
        rows = [_item(bulk, start + n, pk, fill) for n, pk in enumerate(ids)]
    return _store(bulk, start, rows)


def _item(bulk: BulkSend, position: int, pk: int, fill: Fill) -> BulkItem:
    item = BulkItem(
        organization_id=bulk.organization_id,
        bulk=bulk,
        position=position,
        state=BulkItem.State.WAITING,
        sender=bulk.sender,
    )
    with items.leaving_out_broken(item):
        fill(item, pk)
    return item


def _store(bulk: BulkSend, start: int, rows: Sequence[BulkItem]) -> bool:
    """Store items, unless another worker did, or somebody discarded the preview."""
    with transaction.atomic():
        waiting = BulkSend.objects.filter(pk=bulk.pk, state=BulkSend.State.PREPARING)
        row = waiting.select_for_update(of=("self",)).defer("selection").first()
        if row is None or row.prepared != start:
            return False
        leave_out_duplicates(bulk, rows)
        BulkItem.objects.bulk_create(rows)
        row.prepared = start + len(rows)
        if row.prepared >= row.total:
            row.state = BulkSend.State.READY
        row.save(update_fields=["prepared", "state"])
    return True


def leave_out_duplicates(bulk: BulkSend, rows: Iterable[BulkItem]) -> None:
    """Leave out those of these items that would be sent a second time."""
    keys = [row.once for row in rows if row.once]
    seen = set(bulk.items.filter(once__in=keys).values_list("once", flat=True))
    for row in rows:
        if row.once and row.once in seen:
            items.leave_out(row, LeftOut.DUPLICATE, DUPLICATE[BulkSend.Kind(bulk.kind)])
        seen.add(row.once)


def key_of(item: BulkItem) -> str:
    """Return what can't be sent twice: to a number, or the same words to it."""
    if item.message_id is None:
        return item.phone
    # Only shorter, not secret.
    return sha1(f"{item.phone} {item.text}".encode(), usedforsecurity=False).hexdigest()


def _sends(bulk: BulkSend, by: User, ids: Sequence[int]) -> Fill:
    leads = Lead.objects.visible_to(by).select_related("organization").in_bulk(ids)
    phones = defaultdict(list)
    rows = ContactPhone.objects.visible_to(by).filter(contact__lead__in=leads)
    for phone in rows.select_related("contact"):
        phones[phone.contact.lead_id].append(phone)
    numbers = {phone.phone for some in phones.values() for phone in some}
    known = Recipient.objects.known(bulk.organization, numbers)
    fields = list(CustomField.objects.visible_in(bulk.organization_id))
    at = timezone.now()

    def fill(item: BulkItem, pk: int) -> None:
        if pk not in leads:
            items.leave_out(item, LeftOut.DELETED, GONE[BulkSend.Kind.SEND])
            return
        item.lead = lead = leads[pk]
        item.name = lead.name
        if not phones[pk]:
            items.leave_out(item, LeftOut.NO_NUMBER, "This lead has no phone number.")
            return
        best = _best(bulk, phones[pk], known)
        item.phone, item.contact = best.phone, best.contact
        if _write(item, Writing(lead, by, best.contact), bulk.text, fields):
            item.once = key_of(item)
            items.check(item, bulk.organization, known, at)

    return fill


def _best(
    bulk: BulkSend, phones: Sequence[ContactPhone], known: dict[str, Recipient]
) -> ContactPhone:
    """Return the number that the composer preselects: the first that can be texted."""
    if len(phones) == 1:
        return phones[0]
    numbers = [phone.phone for phone in phones]
    rank = preflight.rank(bulk.organization, bulk.sender, numbers, known)
    return min(phones, key=lambda phone: rank[phone.phone])


def _write(item: BulkItem, writing: Writing, text: str, fields: Sequence[CustomField]) -> bool:
    """Fill in the item's text. Leave it out if a value is missing."""
    try:
        item.text = segments.normalize(templates.fill_in(text, writing, fields))
    except templates.TemplateError as error:
        items.leave_out(item, LeftOut.MISSING_VALUE, str(error))
        return False
    item.segments = segments.count(item.text).segments
    return True


def _resends(bulk: BulkSend, by: User, ids: Sequence[int]) -> Fill:
    messages = SmsMessage.objects.visible_to(by).select_related("lead", "sender").in_bulk(ids)
    numbers = {message.remote_phone for message in messages.values()}
    known = Recipient.objects.known(bulk.organization, numbers)
    at = timezone.now()

    def fill(item: BulkItem, pk: int) -> None:
        if pk not in messages:
            items.leave_out(item, LeftOut.DELETED, GONE[BulkSend.Kind.RESEND])
            return
        message = messages[pk]
        _copy(item, message)
        if not _leave_out_by_failure(item, message):
            item.once = key_of(item)
            items.check(item, bulk.organization, known, at)
        if item.state == BulkItem.State.WAITING and not message.is_recent(at):
            items.leave_out(item, LeftOut.OLD, OLD)

    return fill


def _copy(item: BulkItem, message: SmsMessage) -> None:
    item.message, item.sender = message, message.sender
    item.lead, item.contact_id, item.name = message.lead, message.contact_id, message.lead.name
    item.phone, item.text = message.remote_phone, message.sent_text or message.text
    item.segments = message.segments


def _leave_out_by_failure(item: BulkItem, message: SmsMessage) -> bool:
    """Leave out a text that didn't fail, or that would fail again for the same reason."""
    if not message.failed:
        status = lowerfirst(message.get_status_display())
        items.leave_out(item, LeftOut.NOT_FAILED, f"This text didn't fail: {status}.")
    elif Step.TRY_AGAIN not in message.why.advice.steps:
        items.leave_out(item, message.why, message.why.advice.meaning)
    return item.state == BulkItem.State.LEFT_OUT
