"""What support requests store of a person whose data is erased.

Requests stay, without the examples and the files of those that the person's texts are attached to,
and without the person's name, numbers, and emails in what people wrote.
"""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from leads.erasing.others import register
from leads.erasing.parts import ErasedPart, Step, scan
from leads.erasing.person import Person
from messaging.hooks.erasing import TEXT
from smscenter.support.models import (
    Mail,
    SupportRequest,
    SupportRequestEvent,
    SupportRequestMessage,
)
from smscenter.support.models.details import QUESTION

WRITTEN = (*QUESTION, *SupportRequest.typed(), "decision")
CHUNK = 50


def _attached(person: Person) -> QuerySet[SupportRequest]:
    texts = SupportRequestMessage.objects.filter(
        request=OuterRef("pk"), message__lead__in=person.leads
    )
    return SupportRequest.objects.filter(Exists(texts), organization=person.organization)


def _erase_requests(person: Person, after: int) -> Step:
    attached = _attached(person).values("pk")
    about = Q(pk__in=attached) | person.mentioned_in(*WRITTEN)
    rows = SupportRequest.objects.filter(organization=person.organization)

    def erase(some: QuerySet[SupportRequest]) -> int:
        found = list(some.filter(about))
        ids = [row.pk for row in found]
        own = set(_attached(person).filter(pk__in=ids).values_list("pk", flat=True))
        for row in found:
            _blank(row, person, is_own=row.pk in own)
        return len(found)

    return scan(rows, after, erase, CHUNK)


def _blank(row: SupportRequest, person: Person, *, is_own: bool) -> None:
    changes: dict[str, Any] = {}
    for name in WRITTEN:
        longest = getattr(SupportRequest._meta.get_field(name), "max_length", None)
        changes[name] = person.without(getattr(row, name))[:longest]
    if is_own:
        changes["examples"] = TEXT if row.examples else ""
        for evidence in row.evidence.all():
            evidence.delete()
        for event in row.events.all():
            _blank_event(event, person)
        row.mails.all().delete()
    SupportRequest.objects.filter(pk=row.pk).update(**changes)


def _blank_event(event: SupportRequestEvent, person: Person) -> None:
    note = person.without(event.note)
    if note != event.note:
        SupportRequestEvent.objects.filter(pk=event.pk).update(note=note)


def _erase_events(person: Person, after: int) -> Step:
    rows = SupportRequestEvent.objects.filter(organization=person.organization)

    def erase(some: QuerySet[SupportRequestEvent]) -> int:
        for event in some.filter(person.mentioned_in("note")):
            _blank_event(event, person)
        return 0

    return scan(rows, after, erase)


def _erase_mails(person: Person, after: int) -> Step:
    mails = Mail.objects.filter(organization=person.organization, created__lte=person.before)
    about = person.mentioned_in("subject", "text", "html", names=True)
    return scan(mails, after, lambda some: some.filter(about).delete()[0])


def _count(person: Person) -> int:
    return _attached(person).count()


register(
    (
        ErasedPart("Support requests", _erase_requests, 60, _count),
        ErasedPart("Histories of requests", _erase_events, 61),
        ErasedPart("Emails about requests", _erase_mails, 62),
    )
)
