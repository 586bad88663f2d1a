"""Erase a person's rows of imported files.

Rows are overwritten in place, with as many bytes as before, because imports remember where they are
in a file.
"""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db.models import Q

from leads.erasing.parts import ErasedPart, Step, delete_rows, parts
from leads.erasing.person import Person
from leads.imports import rows as stored
from leads.models import ImportProblem, ImportRow, LeadImport


def _rows(person: Person) -> Any:
    leads = [*person.leads, person.former_lead or 0]
    return ImportRow.objects.filter(organization=person.organization, lead__in=leads)


def _erase(person: Person, after: int) -> Step:
    """Erase the rows of the next file, and when all are done, what the rows did to the lead."""
    files = LeadImport.objects.filter(organization=person.organization, pk__gt=after)
    job = files.exclude(file="").order_by("pk").first()
    if job is None:
        return delete_rows(_rows(person))
    numbers = set(_rows(person).filter(lead_import=job).values_list("number", flat=True))
    found = _blank_file(job, person, numbers)
    problems = ImportProblem.objects.filter(lead_import=job)
    mentioned = person.mentioned_in("value", "message")
    problems.filter(Q(number__in=found) | mentioned).delete()
    _blank_sample(job, person)
    return Step(0, job.pk)


def _blank_file(job: LeadImport, person: Person, numbers: set[int]) -> set[int]:
    """Blank these rows, and those that mention the person. Return their numbers."""
    path = Path(job.file.storage.path(stored.path(job)))
    found: set[int] = set()
    if not path.exists():
        return found
    with path.open("r+b") as file:
        begin = 0
        for line in iter(file.readline, b""):
            number, cells = json.loads(line)
            if number in numbers or person.is_in(cells):
                found.add(number)
                file.seek(begin)
                file.write(_blank(number, len(cells), len(line)))
            begin += len(line)
            file.seek(begin)
    if found:
        # The file as it was uploaded. Its rows are all that's needed.
        with suppress(FileNotFoundError):
            Path(job.file.path).write_bytes(b"")
    return found


def _blank(number: int, cells: int, size: int) -> bytes:
    line = json.dumps([number, [""] * cells]).encode()
    return line.ljust(size - 1) + b"\n"


def _blank_sample(job: LeadImport, person: Person) -> None:
    sample = [[""] * len(cells) if person.is_in(cells) else cells for cells in job.sample]
    header = [""] * len(job.header) if person.is_in(job.header) else job.header
    if (sample, header) != (job.sample, job.header):
        LeadImport.objects.filter(pk=job.pk).update(sample=sample, header=header)


def _count(person: Person) -> int:
    return int(_rows(person).count())


parts.register(ErasedPart("Rows of imports", _erase, 70, _count))
