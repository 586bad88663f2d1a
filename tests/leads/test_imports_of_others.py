"""Imports whose person left, and one that fails: neither keeps others from theirs."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from leads.imports import work
from leads.models import Lead, LeadImport
from smscenter.accounts.models import User
from tests import factories
from tests.leads.importing import check, move, upload

pytestmark = pytest.mark.once


def test_an_import_stops_when_its_person_leaves(as_manager: Client, manager: User) -> None:
    job = check(as_manager, upload(as_manager, "Name\nA\n"))
    LeadImport.objects.update(state="importing")
    User.objects.filter(pk=manager.pk).update(is_active=False)
    work.work_on_all()
    job.refresh_from_db()
    assert (job.state, Lead.objects.count()) == ("canceled", 0)


def test_an_import_of_somebody_who_left_can_be_undone(as_manager: Client, manager: User) -> None:
    job = move(as_manager, check(as_manager, upload(as_manager, "Name\nA\n")), "start")
    left = factories.user(manager.organization, "lou", is_active=False)
    LeadImport.objects.update(created_by=left)
    job = move(as_manager, job, "undo")
    assert (job.state, Lead.objects.count()) == ("undone", 0)


def test_a_file_that_fails_delays_no_other_organization(
    manager: User, private_files: Any, stranger: User
) -> None:
    first, other = factories.lead_import(manager), factories.lead_import(stranger, "Name\nA\n")
    LeadImport.objects.update(state="reading")
    path = Path(first.file.path)
    path.unlink()
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        work.work_on_all()
    other.refresh_from_db()
    assert other.state == "mapping"
