"""Files take up room that an organization has only so much of, and can get back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from messaging.models import SenderNumber
from smscenter.accounts.models import User
from smscenter.support import whitelist_form
from smscenter.support.models import Evidence, Request, RequestEvent
from smscenter.support.states import State
from tests import factories
from tests.support.test_evidence_files import post, upload

Bring = Callable[[Request, State], list[RequestEvent]]


def stored(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


@pytest.fixture
def withdraw(as_rep: Client, django_capture_on_commit_callbacks: Any) -> Callable[[Request], str]:
    """Answers the page that is shown then."""

    def go(asked: Request) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            url = reverse("request_withdraw", args=[asked.pk])
            return as_rep.post(url, follow=True).content.decode()

    return go


def test_a_draft_that_is_discarded_gives_its_room_back(
    as_rep: Client,
    sender: SenderNumber,
    private_files: Path,
    withdraw: Callable[[Request], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(whitelist_form, "MOST_STORED", 10)
    post(as_rep, upload(b"12345678901"), upload(b"1", "list.txt"))
    assert "take up all the room" in post(as_rep, upload()).content.decode()
    asked = Request.objects.get()
    assert "form.txt removed, list.txt removed." in withdraw(asked)
    assert not Evidence.objects.exists()
    assert stored(private_files) == 0
    assert post(as_rep, upload()).status_code == 302


@pytest.mark.parametrize("state", [State.SUBMITTED, State.MORE_INFORMATION])
def test_what_support_has_seen_stays(
    asked: Request,
    rep: User,
    bring: Bring,
    private_files: Path,
    withdraw: Callable[[Request], str],
    state: State,
) -> None:
    file = factories.evidence(asked, rep)
    bring(asked, state)
    page = withdraw(asked)
    assert file.get_absolute_url() in page
    assert "removed." not in page
    assert stored(private_files) == 1


def test_who_discards_a_draft_is_told_that_its_files_go(
    as_rep: Client, asked: Request, rep: User, bring: Bring
) -> None:
    said = "Its files are removed with it."

    def is_said() -> bool:
        return said in as_rep.get(asked.get_absolute_url()).content.decode()

    assert not is_said()
    factories.evidence(asked, rep)
    assert is_said()
    bring(asked, State.SUBMITTED)
    assert not is_said()
