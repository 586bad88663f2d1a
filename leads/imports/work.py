"""The worker's job: read, check, import, and undo what people have started, a step of each in turn.

See the package's docstring for what a step is.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import astuple

import structlog
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from leads.imports import reading, rows, undoing
from leads.imports.columns import Parsed, Problem
from leads.imports.kinds import Tally, kind_of
from leads.imports.parsing import Parser
from leads.models import ImportProblem, ImportRow, LeadImport
from smscenter import jobs
from smscenter.accounts.models import User

log = structlog.get_logger(__name__)

State = LeadImport.State
# Rows in one transaction.
CHUNK = 500
# Per run, because the same thread writes exports.
SECONDS = 2.0
LEFT = "The person who started this import left your organization, or has read-only access now."
LOST = "The server doesn't have this file anymore. Upload it again."


def work_on_all() -> None:
    """Do a step of each in turn, so that no one waits for a large one.

    An organization's imports wait for each other, so that a lead in two files isn't added twice.
    """
    jobs.in_turn(_oldest().items(), step, SECONDS)


def _oldest() -> dict[int, int]:
    """Return the oldest one that's in work, by organization."""
    found: dict[int, int] = {}
    rows = LeadImport.objects.in_work().order_by("pk")
    for pk, organization in rows.values_list("pk", "organization"):
        found.setdefault(organization, pk)
    return found


def step(pk: int) -> bool:
    """Do the next step. Return whether there's more to do, and no one else is doing it."""
    job = LeadImport.objects.in_work().for_page().filter(pk=pk).first()
    if job is None:
        return False
    if job.state == State.UNDOING:
        return undoing.step(job)  # whoever imported it may have left
    by = job.created_by
    if by is None or not by.still_works_for(job.organization_id):
        return _stop(job, LEFT)
    try:
        return STEPS[State(job.state)](job, by)
    except FileNotFoundError:
        return _stop(job, LOST)


def work(job: LeadImport, seconds: float) -> None:
    """Work on it for a moment, unless it waits for another one: a small file needs no worker."""
    until = time.monotonic() + seconds
    while job.pk in _oldest().values() and step(job.pk) and time.monotonic() < until:
        pass


def _stop(job: LeadImport, problem: str) -> bool:
    LeadImport.objects.in_work().filter(pk=job.pk).update(state=State.CANCELED, problem=problem)
    log.warning("import_stopped", lead_import=job.pk)
    return False


def _read(job: LeadImport, _by: User) -> bool:
    reading.read(job)
    return False


def _check(job: LeadImport, _by: User) -> bool:
    """Parse the next rows, and count what they would do."""
    batch = rows.read(job, job.offset, CHUNK)
    parsed = Parser(job).parse(batch.rows)

    def store(job: LeadImport) -> None:
        _count(job, kind_of(job).plan(job, parsed), parsed)

    return _finish(job, batch, parsed, store, State.READY)


def _import(job: LeadImport, by: User) -> bool:
    """Import the next rows."""
    batch = rows.read(job, job.offset, CHUNK)
    parsed = Parser(job).parse(batch.rows)

    def store(job: LeadImport) -> None:
        good = [each for each in parsed if not each.is_rejected]
        tally, results = _store(job, by, good)
        ImportRow.objects.bulk_create(results)
        _count(job, tally, parsed)

    return _finish(job, batch, parsed, store, State.DONE)


def _finish(
    job: LeadImport,
    batch: rows.Batch,
    parsed: Sequence[Parsed],
    store: Callable[[LeadImport], None],
    then: LeadImport.State,
) -> bool:
    """Store a step, with its position. Return False if someone else did, or canceled it."""
    with transaction.atomic():
        found = LeadImport.objects.filter(pk=job.pk, state=job.state, offset=job.offset)
        if found.select_for_update(skip_locked=True).first() is None:
            return False
        store(job)
        _store_problems(job, parsed)
        job.position += len(batch.rows)
        job.offset = batch.end
        if len(batch.rows) < CHUNK:
            job.state = then
            job.finished = timezone.now() if then == State.DONE else None
        job.save(update_fields=[*COUNTED, "position", "offset", "state", "finished"])
    return job.is_in_work


COUNTED = ("added", "merged", "skipped", "rejected")


def _count(job: LeadImport, tally: Tally, parsed: Sequence[Parsed]) -> None:
    rejected = sum(each.is_rejected for each in parsed)
    for name, number in zip(COUNTED, [*astuple(tally), rejected], strict=True):
        setattr(job, name, getattr(job, name) + number)


def _store_problems(job: LeadImport, parsed: Sequence[Parsed]) -> None:
    if job.state == State.IMPORTING and parsed:
        # Those that the check found. Statuses and people may have changed since.
        span = (parsed[0].number, parsed[-1].number)
        ImportProblem.objects.filter(lead_import=job, number__range=span).delete()
    ImportProblem.objects.bulk_create(
        ImportProblem(
            organization_id=job.organization_id,
            lead_import=job,
            number=each.number,
            column=problem.column,
            code=problem.code,
            value=problem.value,
            message=problem.message,
            is_fatal=problem.is_fatal,
        )
        for each in parsed
        for problem in each.problems
    )


def _store(job: LeadImport, by: User, batch: list[Parsed]) -> tuple[Tally, list[ImportRow]]:
    """Store rows. If the database refuses one, it's rejected, and the others are stored."""
    if not batch:
        return Tally(), []
    try:
        with transaction.atomic():
            return kind_of(job).store(job, by, batch)
    except (DataError, IntegrityError) as error:
        if len(batch) == 1:
            # The lines that follow have the row itself.
            log.warning("import_row_refused", lead_import=job.pk, error=str(error).split("\n")[0])
            batch[0].problems.append(
                Problem("refused", "The database can't store this row.", is_fatal=True)
            )
            return Tally(), []
    half = len(batch) // 2
    first, before = _store(job, by, batch[:half])
    second, after = _store(job, by, batch[half:])
    total = [a + b for a, b in zip(astuple(first), astuple(second), strict=True)]
    return Tally(*total), before + after


STEPS: dict[LeadImport.State, Callable[[LeadImport, User], bool]] = {
    State.READING: _read,
    State.CHECKING: _check,
    State.IMPORTING: _import,
}
