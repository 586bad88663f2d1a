"""What people do with an import: upload, choose, start, cancel, resume, undo, discard."""

import unicodedata
from typing import IO, Any

import structlog
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from leads.imports import lead_columns, rows
from leads.imports.columns import NEW
from leads.models import CustomField, ImportKey, ImportProblem, LeadImport
from smscenter.accounts.models import Organization, User
from smscenter.audit.recording import record

log = structlog.get_logger(__name__)

State = LeadImport.State
FROM_START = {"position": 0, "added": 0, "merged": 0, "skipped": 0, "rejected": 0}


def upload(
    organization: Organization, by: User, file: IO[bytes], name: str, **fields: Any
) -> LeadImport:
    """Store a file, which a worker reads."""
    job = LeadImport(organization=organization, created_by=by, name=_clean(name), **fields)
    job.file.save("", File(file), save=False)
    job.save()
    log.info("import_uploaded", lead_import=job.pk, user=by.pk)
    return job


def _clean(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(mark for mark in unicodedata.normalize("NFC", last) if mark.isprintable())
    return shown[-200:] or "file"


def check(job: LeadImport) -> bool:
    """Store what was chosen on its page, and let a worker check the rows."""
    with transaction.atomic():
        if not _lock(job, State.MAPPING, State.READY, State.CHECKING):
            return False
        ImportProblem.objects.filter(lead_import=job).delete()
        ImportKey.objects.filter(lead_import=job).delete()
        _begin(job, State.CHECKING)
        job.save()
    return True


def start(job: LeadImport) -> bool:
    """Start to import. New custom fields are created now."""
    with transaction.atomic():
        if not _lock(job, State.READY, State.MAPPING):
            return False
        ImportKey.objects.filter(lead_import=job).delete()
        _create_fields(job)
        job.started = timezone.now()
        _begin(job, State.IMPORTING)
        job.save()
        record("imported", name=_described(job), organization=job.organization_id)
    log.info("import_started", lead_import=job.pk, user=job.created_by_id)
    return True


def _begin(job: LeadImport, state: LeadImport.State) -> None:
    """Begin again at the first row."""
    for name, value in FROM_START.items():
        setattr(job, name, value)
    job.offset = rows.first_offset(job)
    job.state = state


def _create_fields(job: LeadImport) -> None:
    """Create the custom fields that columns become, unless they exist by now."""
    known = {
        row.name.casefold(): row for row in CustomField.objects.visible_in(job.organization_id)
    }
    for index, key in enumerate(job.columns):
        if not key.startswith(NEW):
            continue
        field = lead_columns.new_field(job, index)
        if field.name.casefold() not in known:
            field.position = len(known)
            field.save()
            known[field.name.casefold()] = field
            job.new_fields = [*job.new_fields, field.pk]
        job.columns[index] = f"custom:{known[field.name.casefold()].pk}"


def change(job: LeadImport) -> bool:
    """Go back to the columns."""
    return _move(job, [State.READY, State.CHECKING], State.MAPPING)


def cancel(job: LeadImport) -> bool:
    return _move(job, [State.IMPORTING], State.CANCELED)


def resume(job: LeadImport) -> bool:
    return job.can_be_resumed and _move(job, [State.CANCELED], State.IMPORTING)


def undo(job: LeadImport) -> bool:
    with transaction.atomic():
        is_moved = job.can_be_undone and _move(job, [State.DONE, State.CANCELED], State.UNDOING)
        if is_moved:
            name = f"import of {_described(job)}"
            record("undone", name=name, organization=job.organization_id)
    return is_moved


def _described(job: LeadImport) -> str:
    return f"{job.get_kind_display().lower()} from {job.name}"


def _move(job: LeadImport, before: list[State], after: State) -> bool:
    moved = LeadImport.objects.filter(pk=job.pk, state__in=before)
    is_moved = moved.update(state=after, problem="") == 1
    if is_moved:
        log.info("import_moved", lead_import=job.pk, state=after.value)
    return is_moved


def discard(job: LeadImport) -> bool:
    """Delete an import that wasn't started, with its file."""
    with transaction.atomic():
        if not _lock(job, *LeadImport.NOT_STARTED):
            return False
        job.delete()
        transaction.on_commit(lambda: rows.delete(job))
    return True


def read_again(job: LeadImport, *, encoding: str, delimiter: str) -> bool:
    """Read the file with another encoding or delimiter."""
    if not _move(job, [State.MAPPING, State.UNREADABLE], State.READING):
        return False
    LeadImport.objects.filter(pk=job.pk).update(encoding=encoding, delimiter=delimiter)
    return True


def _lock(job: LeadImport, *states: State) -> bool:
    found = LeadImport.objects.filter(pk=job.pk, state__in=states)
    return found.select_for_update(of=("self",)).first() is not None
