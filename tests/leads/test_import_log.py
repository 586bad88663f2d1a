"""The log of an import has no one's data."""

from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from leads.imports import work
from tests.leads.importing import check, move, upload
from tests.logs import Lines

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


class Refusing:
    def store(self, *_: Any) -> None:
        raise IntegrityError("null value in a column\nDETAIL:  Failing row contains (7, Ada).")


def test_a_row_that_the_database_refuses_is_not_logged(
    as_manager: Client, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = check(as_manager, upload(as_manager, "Name\nAda\n"))
    while work.step(job.pk):
        pass
    monkeypatch.setattr(work, "kind_of", lambda _job: Refusing())
    move(as_manager, job, "start")
    assert lines.named("import_row_refused")["error"] == "null value in a column"
