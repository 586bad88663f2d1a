"""Test the file storage limit of an organization, and how to free space."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from messaging.models import SenderNumber
from smscenter.accounts.models import User
from smscenter.support.models import Evidence, SupportRequest, SupportRequestEvent
from smscenter.support.models.states import State
from smscenter.support.requests import whitelist_form
from tests import factories
from tests.support.requests.test_evidence_files import edit, post, upload

Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]


def stored(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


@pytest.fixture
def withdraw(
    as_rep: Client, django_capture_on_commit_callbacks: Any
) -> Callable[[SupportRequest], str]:
    """Return the next page."""

    def go(support_request: SupportRequest) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            url = reverse("request_withdraw", args=[support_request.pk])
            return as_rep.post(url, follow=True).content.decode()

    return go


def test_discarding_a_draft_frees_its_storage(
    as_rep: Client,
    sender: SenderNumber,
    private_files: Path,
    withdraw: Callable[[SupportRequest], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(whitelist_form, "MOST_STORED", 10)
    post(as_rep, upload(b"12345678901"), upload(b"1", "list.txt"))
    assert "is out of file storage" in post(as_rep, upload()).content.decode()
    support_request = SupportRequest.objects.get()
    assert "form.txt removed, list.txt removed." in withdraw(support_request)
    assert not Evidence.objects.exists()
    assert stored(private_files) == 0
    assert post(as_rep, upload()).status_code == 302


@pytest.mark.parametrize("state", [State.SUBMITTED, State.MORE_INFORMATION])
def test_withdrawing_a_submitted_request_keeps_its_files(
    support_request: SupportRequest,
    rep: User,
    bring: Bring,
    private_files: Path,
    withdraw: Callable[[SupportRequest], str],
    state: State,
) -> None:
    file = factories.evidence(support_request, rep)
    bring(support_request, state)
    page = withdraw(support_request)
    assert file.get_absolute_url() in page
    assert "removed." not in page
    assert stored(private_files) == 1


def test_withdrawing_a_draft_warns_that_its_files_are_deleted(
    as_rep: Client, support_request: SupportRequest, rep: User, bring: Bring
) -> None:
    warning = "Withdrawing this draft also deletes its files."

    def has_warning() -> bool:
        return warning in as_rep.get(support_request.get_absolute_url()).content.decode()

    assert not has_warning()
    factories.evidence(support_request, rep)
    assert has_warning()
    bring(support_request, State.SUBMITTED)
    assert not has_warning()


def removal(*files: Evidence) -> dict[str, list[int]]:
    return {"removed_files": [file.pk for file in files]}


@pytest.mark.parametrize("state", [State.DRAFT, State.MORE_INFORMATION])
def test_files_are_removed_on_the_edit_page(
    as_rep: Client,
    support_request: SupportRequest,
    rep: User,
    bring: Bring,
    private_files: Path,
    django_capture_on_commit_callbacks: Any,
    state: State,
) -> None:
    removed, remaining = (
        factories.evidence(support_request, rep, f"{name}.txt") for name in ("old", "good")
    )
    bring(support_request, state)
    assert f'value="{removed.pk}"' in as_rep.get(edit(support_request)).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        post(as_rep, upload(name="new.txt"), url=edit(support_request), **removal(removed))
    assert [str(file) for file in support_request.evidence.all()] == [str(remaining), "new.txt"]
    assert stored(private_files) == 2
    notes = [event.note for event in support_request.events.filter(kind="edit")]
    assert notes == ([] if state is State.DRAFT else ["Changed: old.txt removed, evidence."])


def test_removing_a_file_frees_storage(
    as_rep: Client, support_request: SupportRequest, rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whitelist_form, "MOST_STORED", 10)
    files = [factories.evidence(support_request, rep, f"{number}.txt") for number in range(5)]
    assert post(as_rep, upload(), url=edit(support_request)).status_code == 422
    assert post(as_rep, upload(), url=edit(support_request), **removal(*files)).status_code == 302
    assert support_request.evidence.count() == 1


def test_autosave_does_not_remove_files(
    as_rep: Client, support_request: SupportRequest, rep: User
) -> None:
    factories.evidence(support_request, rep)
    page = as_rep.get(edit(support_request)).content.decode()
    assert 'hx-params="not evidence_files,removed_files"' in page


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED])
def test_files_of_other_requests_cannot_be_removed(
    as_rep: Client, support_request: SupportRequest, rep: User, bring: Bring, state: State
) -> None:
    other = factories.evidence(factories.support_request(rep, sender=support_request.sender), rep)
    bring(support_request, state)
    post(as_rep, url=edit(support_request), **removal(other))
    assert other in Evidence.objects.all()


@pytest.mark.parametrize("key", ["x", "9" * 30])
def test_an_invalid_file_id_is_not_a_choice(
    as_rep: Client, support_request: SupportRequest, key: str
) -> None:
    assert post(as_rep, url=edit(support_request), removed_files=[key]).status_code == 422
