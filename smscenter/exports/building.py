"""Build an export part by part, so that neither its size nor a crash matters.

A worker does a few parts and gives others their turn, because the same thread imports files. Each
part is appended to the ZIP file and stored with its position, under a lease.
"""

import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import structlog
from django.db import transaction
from django.utils import timezone

from search.answering import csv_export
from smscenter.database.streaming import stream
from smscenter.exports.models import KEPT, Archive
from smscenter.exports.tables import Table, tables
from smscenter.notifications.notify import notify

log = structlog.get_logger(__name__)

READY = "export_ready"
SECONDS = 2.0
# Longer than the largest part.
LEASE = timedelta(minutes=5)
# Rows in one part. A row with a file can have megabytes.
ROWS, ROWS_WITH_FILES = 20_000, 20


def work() -> None:
    """Write parts of an export for a moment, at least one. What's left is for the next run."""
    now, lease = timezone.now(), uuid.uuid4()
    rows = Archive.objects.select_related("organization")
    for archive in rows.claim(1, at=now, until=now + LEASE, lease=lease):
        _write_for_a_moment(archive)


def delete_old() -> None:
    for archive in Archive.objects.filter(created__lte=timezone.now() - KEPT):
        archive.file.delete(save=False)
        archive.delete()


def _write_for_a_moment(archive: Archive) -> None:
    until, all_tables = time.monotonic() + SECONDS, list(tables)
    path = _path(archive)
    while archive.table < len(all_tables):
        _write_part(archive, path, all_tables[archive.table])
        if time.monotonic() >= until:
            break
    names = ("file", "size", "table", "after", "part", "rows")
    changes = {name: getattr(archive, name) for name in names}
    own = Archive.objects.filter(pk=archive.pk).under(archive.lease)
    if archive.table < len(all_tables):
        own.release(**changes, due=timezone.now())
        return
    with transaction.atomic():
        if own.close(state=Archive.State.DONE, finished=timezone.now(), **changes):
            _notify(archive)


def _path(archive: Archive) -> Path:
    """Return where the file is. If its size isn't the stored one, begin again."""
    field = archive._meta.get_field("file")
    if not archive.file:
        archive.file.name = field.generate_filename(archive, "")
    path = Path(archive.file.path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    size = path.stat().st_size if path.exists() else 0
    if size != archive.size:
        log.info("export_restarted", archive=archive.pk)
        path.unlink(missing_ok=True)
        archive.size = archive.table = archive.after = archive.part = archive.rows = 0
    path.touch(mode=0o600)
    return path


def _write_part(archive: Archive, path: Path, table: Table) -> None:
    most = ROWS_WITH_FILES if table.has_files else ROWS
    found = table.rows_of(archive.organization).filter(pk__gt=archive.after).order_by("pk")[:most]
    number = f"-{archive.part + 1}" if archive.part else ""
    name, last, count = f"{table.name}{number}.csv", archive.after, 0

    def counted() -> Iterator[Any]:
        nonlocal last, count
        for row in stream(found):
            yield row
            last, count = row.pk, count + 1

    with ZipFile(path, "a", ZIP_DEFLATED) as file:
        with file.open(name, "w") as member, TextIOWrapper(member, "utf-8", newline="") as text:
            text.writelines(csv_export.lines(counted(), table.cells, archive.organization.zone))
        if table.has_files:
            _add_files(file, table, found)
    archive.size = path.stat().st_size
    archive.rows += count
    is_last = count < most
    archive.table += is_last
    archive.after, archive.part = (0, 0) if is_last else (last, archive.part + 1)


def _add_files(file: ZipFile, table: Table, rows: Any) -> None:
    for row in rows:
        stored = Path(row.file.path)
        if stored.exists():
            name = Path(row.name or "file").name
            file.write(stored, f"files/{table.name}/{row.pk}-{name}")


def _notify(archive: Archive) -> None:
    log.info("export_finished", archive=archive.pk, rows=archive.rows)
    if archive.created_by_id:
        notify(
            READY,
            [archive.created_by_id],
            organization=archive.organization_id,
            subject=archive.pk,
            place=f"export:{archive.pk}",
        )
