"""Workers are killed in the middle of an import: no row is lost, and none is imported twice.

`make faults` imports 100,000 rows, and prints how long it takes.
"""

import os
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from leads.imports import actions, reading
from leads.models import ContactPhone, ImportRow, Lead, LeadImport
from smscenter.accounts.models import User
from tests.faults.workers import Workers, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

ROWS = 100_000 if "FAULT_ROUNDS" in os.environ else 3_000
KILLS = 3
NO_SANDBOX = "http://127.0.0.1:9"


@pytest.mark.once
def test_every_row_is_imported_once(rep: User, tmp_path: Path, private_files: Path) -> None:
    assert rep.organization is not None
    path = tmp_path / "leads.csv"
    rows = (f"Lead {n},+1415{2_000_000 + n},ada{n}@example.com\n" for n in range(ROWS))
    path.write_text("Name,Phone,Email\n" + "".join(rows))
    with path.open("rb") as file:
        job = actions.upload(rep.organization, rep, file, path.name)
    reading.read(job)
    assert actions.start(job)
    random, start = Random(3), monotonic()
    workers = Workers(1, NO_SANDBOX)
    workers.environment["PRIVATE_ROOT"] = str(private_files)
    with workers:
        for kill in range(KILLS):
            at = random.randint(kill * ROWS // KILLS, (2 * kill + 1) * ROWS // KILLS // 2)
            wait_until(lambda at=at: position(job) > at, 300, every=0.05)  # type: ignore[misc]
            workers.kill(0)
            workers.start()
        done = LeadImport.objects.filter(pk=job.pk, state="done")
        wait_until(done.exists, seconds=900, every=0.1)
    print(f"an import of {ROWS:,} rows, {KILLS} kills: {monotonic() - start:.0f} s")  # noqa: T201
    job.refresh_from_db()
    assert (job.position, job.added, job.merged) == (ROWS, ROWS, 0)
    assert Lead.objects.count() == ContactPhone.objects.count() == ROWS
    assert set(Lead.objects.values_list("name", flat=True)) == {f"Lead {n}" for n in range(ROWS)}
    numbers = ImportRow.objects.order_by("number").values_list("number", flat=True)
    assert [*numbers] == [*range(2, ROWS + 2)]


def position(job: LeadImport) -> int:
    return LeadImport.objects.values_list("position", flat=True).get(pk=job.pk)
