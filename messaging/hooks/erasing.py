"""What texts store of a person whose data is erased, and what stays.

Texts stay without what they said and the number, so that counts and the carrier's records stay
true. Opt-outs stay with the number, because texting it again would break the law.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from leads.erasing.others import register
from leads.erasing.parts import CHUNK, ErasedPart, Step, delete_rows, scan
from leads.erasing.person import Person, known_numbers
from leads.models import Erasure, Lead
from messaging.models import (
    Attempt,
    BulkItem,
    BulkSend,
    CarrierEvent,
    Consent,
    MediaFile,
    OptOut,
    Recipient,
    SenderNumber,
    SmsMessage,
    Thread,
    UnmatchedText,
)
from messaging.models.bulk import LeftOut
from messaging.models.message_indexes import WORD_INDEX
from messaging.outgoing import schedule
from smscenter.retention import next_ids

TEXT = "Erased on request."
# Carriers report about a text for this long.
LATE = timedelta(days=3)


@known_numbers.register
def texted_numbers(organization: int, leads: Collection[int]) -> Iterable[str]:
    rows = SmsMessage.objects.filter(organization=organization, lead__in=leads).order_by()
    return rows.values_list("remote_phone", flat=True).distinct()


def _texts(person: Person) -> QuerySet[SmsMessage]:
    return SmsMessage.objects.filter(organization=person.organization, lead__in=person.leads)


def _move_texts(person: Person, after: int) -> Step:
    """Move the texts of a contact that became a lead of its own."""
    if person.former_lead is None:
        return Step(0)
    own = Q(contact__lead=person.lead) | Q(remote_phone__in=person.numbers)
    if not (ids := next_ids(SmsMessage.objects.filter(own, lead=person.former_lead), CHUNK)):
        return Step(0)
    moved = SmsMessage.objects.filter(pk__in=ids)
    moved.lock_leads()
    moved.update(lead=person.lead, updated=timezone.now())
    return Step(0, after + 1)


def _cancel(person: Person, _after: int) -> Step:
    """Cancel what waits to be sent, and delete drafts."""
    for lead in Lead.objects.filter(pk__in=person.leads):
        schedule.withdraw(lead)
    own = Q(lead__in=person.leads) | Q(contact__lead__in=person.leads)
    items = BulkItem.objects.waiting().filter(own)
    items.update(state=BulkItem.State.LEFT_OUT, reason=LeftOut.DELETED, once=None, due=None)
    return delete_rows(_texts(person).filter(status=SmsMessage.Status.DRAFT))


def _erase_texts(person: Person, after: int) -> Step:
    """Blank the next texts. One that's being sent waits until the carrier has answered."""
    open_attempts = Attempt.objects.filter(
        message=OuterRef("pk"), state__in=[Attempt.State.QUEUED, Attempt.State.SENDING]
    )
    left = _texts(person).exclude(remote_phone="")
    if not (ids := next_ids(left.exclude(Exists(open_attempts)), CHUNK)):
        if not left.exists():
            return Step(0)
        for lead in Lead.objects.filter(pk__in=person.leads):
            schedule.withdraw(lead)
        return Step(0, after)
    _blank_around(ids)
    texts, now = SmsMessage.objects.filter(pk__in=ids), timezone.now()
    # Nobody can do anything about these anymore.
    texts.filter(status=SmsMessage.Status.ERROR, handled=None).update(handled=now)
    texts.update(
        text=TEXT,
        sent_text="",
        remote_phone="",
        media=None,
        contact=None,
        form_token=None,
        updated=now,
    )
    return Step(len(ids), after)


def _purge_words(_person: Person, _after: int) -> Step:
    WORD_INDEX.purge()
    return Step(0)


def _blank_around(ids: list[int]) -> None:
    """Erase what belongs to these texts."""
    MediaFile.objects.filter(message__in=ids).delete()
    UnmatchedText.objects.filter(message__in=ids).delete()
    OptOut.objects.filter(message__in=ids).update(message=None, words="")
    _blank_reports(Attempt.objects.filter(message__in=ids))
    CarrierEvent.objects.filter(message__in=ids).delete()


def _blank_reports(attempts: QuerySet[Attempt]) -> None:
    """Keep of the carrier's answers what has nothing of the person: its ID, the code, the time."""
    CarrierEvent.objects.filter(attempt__in=attempts.values("pk")).delete()
    attempts.exclude(carrier_words="", raw={}).update(carrier_words="", raw={})


def erase_late_reports() -> None:
    """Erase what carriers reported about erased texts afterwards."""
    recent = Erasure.objects.filter(finished__gt=timezone.now() - LATE)
    for lead in recent.values_list("lead_number", flat=True):
        texts = SmsMessage.objects.filter(lead=lead, remote_phone="")
        late = CarrierEvent.objects.filter(message__in=texts.values("pk"))
        if late.exists():
            late.exclude(outcome=CarrierEvent.Outcome.WAITING).delete()
            _blank_reports(Attempt.objects.filter(message__in=texts.values("pk")))


def _erase_items(person: Person, _after: int) -> Step:
    """Blank the person in the lists of bulk sends."""
    own = Q(lead__in=person.leads) | Q(contact__lead__in=person.leads)
    ids = next_ids(BulkItem.objects.filter(own).exclude(name=""), CHUNK)
    BulkItem.objects.filter(pk__in=ids).update(name="", phone="", text="", notes=[], once=None)
    return Step(len(ids), 0) if ids else Step(0)


def _erase_searches(person: Person, _after: int) -> Step:
    rows = BulkSend.objects.filter(organization=person.organization)
    return Step(rows.filter(person.mentioned_in("query")).update(query=""))


def _erase_unmatched(person: Person, _after: int) -> Step:
    """Delete texts of the person's numbers that belong to no lead, and the threads."""
    own: Any = {"organization": person.organization, "remote__in": person.numbers}
    texts = UnmatchedText.objects.filter(**own, received__lte=person.before)
    events = list(texts.values_list("event", flat=True)[:CHUNK])
    CarrierEvent.objects.filter(pk__in=filter(None, events)).delete()
    if (step := delete_rows(texts)).erased:
        return step
    Thread.objects.filter(**own, received__lte=person.before).delete()
    Thread.objects.filter(lead__in=person.leads).delete()
    return Step(0)


def _erase_numbers(person: Person, _after: int) -> Step:
    """Erase what's known about the numbers and consent. Opt-outs in force stay."""
    rows = Recipient.objects.filter(organization=person.organization, phone__in=person.numbers)
    found = rows.select_for_update(of=("self",)).order_by("pk")
    return Step(sum(_forget(recipient) for recipient in found))


def _forget(recipient: Recipient) -> int:
    """Delete a number, and add it again without anything but its opt-outs, if it has some.

    Records of consent can be deleted only without their number, in one transaction. Return how many
    there were.
    """
    recipient.opt_outs.exclude(ended=None).delete()
    opt_outs = list(recipient.opt_outs.values_list("pk", flat=True))
    consents = Consent.objects.filter(recipient=recipient.pk)
    deleted = consents.count()
    delete_at_once(Recipient.objects.filter(pk=recipient.pk))
    delete_at_once(consents)
    if opt_outs:
        kept = Recipient.objects.create(
            organization_id=recipient.organization_id, phone=recipient.phone
        )
        OptOut.objects.filter(pk__in=opt_outs).update(recipient=kept, words="", message=None)
    return deleted


def delete_at_once(rows: QuerySet[Any]) -> None:
    """Delete rows in one statement. Their references are checked when the transaction ends."""
    rows._raw_delete(rows.db)


def _erase_callbacks(person: Person, after: int) -> Step:
    """Delete callbacks that belong to no text, and name the person and one of our numbers."""
    senders = SenderNumber.objects.filter(organization=person.organization)
    ours = list(senders.values_list("phone", flat=True))
    rows = CarrierEvent.objects.filter(
        message=None, attempt=None, unmatched=None, received__lte=person.before
    )

    def erase(some: QuerySet[CarrierEvent]) -> int:
        about = some.filter(person.mentioned_in("payload")).values_list("pk", "payload")
        own = [pk for pk, payload in about if any(number in str(payload) for number in ours)]
        return CarrierEvent.objects.filter(pk__in=own).delete()[0]

    return scan(rows, after, erase)


def _count_unsent(person: Person) -> int:
    waiting = [SmsMessage.Status.DRAFT, SmsMessage.Status.SCHEDULED, SmsMessage.Status.OUTBOX]
    return _texts(person).filter(status__in=waiting).count()


def _count_texts(person: Person) -> int:
    return _texts(person).exclude(remote_phone="").count() - _count_unsent(person)


def _count_consents(person: Person) -> int:
    own = {"recipient__phone__in": person.numbers}
    return Consent.objects.filter(organization=person.organization, **own).count()


register(
    (
        ErasedPart("Texts of one contact", _move_texts, 0),
        ErasedPart("Texts that weren't sent", _cancel, 1, _count_unsent),
        ErasedPart("Texts, and their numbers", _erase_texts, 10, _count_texts),
        ErasedPart("Search index of texts", _purge_words, 11),
        # Before the contacts, which it needs to know.
        ErasedPart("Entries in bulk sends", _erase_items, 15),
        ErasedPart("Searches of bulk sends", _erase_searches, 31),
        ErasedPart("Texts of unknown numbers", _erase_unmatched, 32),
        ErasedPart("Records of consent", _erase_numbers, 40, _count_consents),
        ErasedPart("Callbacks from the carrier", _erase_callbacks, 50),
    )
)
