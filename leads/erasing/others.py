"""What the rooms below leads store of a person: notifications, exports, the audit log."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from leads.erasing.parts import ErasedPart, Step, delete_rows, parts, scan
from leads.erasing.person import Person
from leads.models import Address, Contact, ContactEmail, ContactPhone, Lead, Note
from leads.page import place_of
from search.models import SavedView
from smscenter.accounts.models import User
from smscenter.audit.models import AuditRecord
from smscenter.exports.models import Archive
from smscenter.notifications.models import Notification, NotificationMail


def _erase_notifications(person: Person, _after: int) -> Step:
    places = [place_of(lead) for lead in person.leads]
    members = User.objects.filter(organization=person.organization)
    return delete_rows(Notification.objects.filter(user__in=members, place__in=places))


def _erase_mails(person: Person, after: int) -> Step:
    """Delete emails about the person. Those that weren't sent yet aren't sent."""
    mails = NotificationMail.objects.filter(
        user__organization=person.organization, created__lte=person.before
    )
    page = Q(text__contains=f"/leads/{person.lead}/") | Q(html__contains=f"/leads/{person.lead}/")
    about = page | person.mentioned_in("subject", "text", "html", names=True)
    return scan(mails, after, lambda rows: rows.filter(about).delete()[0])


def _erase_views(person: Person, _after: int) -> Step:
    """Delete saved searches for a number or an email."""
    rows = SavedView.objects.filter(organization=person.organization)
    return delete_rows(rows.filter(person.mentioned_in("query", "name")))


def _erase_exports(person: Person, _after: int) -> Step:
    """Delete finished exports. Those in progress begin again."""
    rows = Archive.objects.filter(organization=person.organization)
    rows.exclude(state=Archive.State.DONE).update(
        state=Archive.State.WAITING, lease=None, lease_until=None, size=-1, due=timezone.now()
    )
    done = list(rows.filter(state=Archive.State.DONE))
    for archive in done:
        archive.file.delete(save=False)
        archive.delete()
    return Step(len(done))


def _erase_admin_log(person: Person, _after: int) -> Step:
    """Blank what the admin's own log calls the person's rows."""
    own: Any = {"contact__lead__in": person.leads}
    for model, rows in (
        (Lead, Lead.objects.filter(pk__in=person.leads)),
        (Contact, Contact.objects.filter(lead__in=person.leads)),
        (ContactPhone, ContactPhone.objects.filter(**own)),
        (ContactEmail, ContactEmail.objects.filter(**own)),
        (Address, Address.objects.filter(lead__in=person.leads)),
        (Note, Note.objects.filter(lead__in=person.leads)),
    ):
        _blank_entries(model, rows)
    return Step(0)


def _blank_entries(model: type[Model], rows: QuerySet[Any]) -> None:
    keys = [str(pk) for pk in rows.values_list("pk", flat=True)]
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(model), object_id__in=keys
    )
    entries.update(object_repr="(erased)", change_message="")


def _erase_audit(person: Person, after: int) -> Step:
    """Blank what the audit log says about the lead, and wherever it mentions the person.

    Who did what, and when, stays.
    """
    about = Q(kind="lead", object_id__in=person.leads)
    fields = ("summary", "note", "changes")
    of_former = Q(kind="lead", object_id=person.former_lead or 0)
    about |= person.mentioned_in(*fields) | of_former & person.mentioned_in(*fields, names=True)
    rows = AuditRecord.objects.filter(
        organization=person.organization, created__lte=person.before
    ).exclude(action="erased")
    return scan(rows, after, lambda some: AuditRecord.objects.erase(some.filter(about)))


def _count_audit(person: Person) -> int:
    rows = AuditRecord.objects.filter(organization=person.organization, kind="lead")
    return rows.filter(object_id__in=person.leads).count()


def _count_exports(person: Person) -> int:
    return Archive.objects.filter(organization=person.organization).count()


def register(some: Iterable[ErasedPart]) -> None:
    for part in some:
        parts.register(part)


register(
    (
        # First, because it needs to know the contacts.
        ErasedPart("Entries of the admin's log", _erase_admin_log, 5),
        ErasedPart("Notifications", _erase_notifications, 81),
        ErasedPart("Emails to members", _erase_mails, 82),
        ErasedPart("Saved views", _erase_views, 83),
        ErasedPart("Audit log: what changed", _erase_audit, 90, _count_audit),
        # Last: one that's made meanwhile has some of it.
        ErasedPart("Exports of everything", _erase_exports, 99, _count_exports),
    )
)
