"""Test evidence files: stored privately, and only served to users who can see the request."""

import errno
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from messaging.models import SenderNumber
from smscenter.accounts.models import User
from smscenter.support.models import Evidence, SupportRequest, SupportRequestEvent
from smscenter.support.models.states import State
from smscenter.support.requests import whitelist_form
from tests import factories
from tests.support import pdfs
from tests.support.conftest import DETAILS
from tests.support.requests.test_uploads import HTML, PDF, image

pytestmark = pytest.mark.once

Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]
URL = reverse("whitelist_request")


def upload(content: bytes = b"I agree", name: str = "form.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def uploads(number: int) -> list[SimpleUploadedFile]:
    """Return different files, because identical files are only stored once."""
    return [upload(uuid4().bytes.hex().encode()) for _ in range(number)]


def post(client: Client, *files: SimpleUploadedFile, url: str = URL, **changes: Any) -> Any:
    data = DETAILS | {"form_token": str(uuid4()), "evidence_files": list(files)} | changes
    return client.post(url, data)


def edit(support_request: SupportRequest) -> str:
    return reverse("request_edit", args=[support_request.pk])


def read(client: Client, evidence: Evidence) -> Any:
    return client.get(evidence.get_absolute_url())


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_files_are_stored_with_the_request(as_rep: Client, rep: User, sender: SenderNumber) -> None:
    response = post(as_rep, upload(), upload(image(), "screen.png"), upload(PDF, "paper.pdf"))
    stored = list(SupportRequest.objects.get().evidence.all())
    assert [file.name for file in stored] == ["form.txt", "screen.png", "paper.pdf"]
    assert {file.uploaded_by for file in stored} == {rep}
    assert stored[0].size == 7
    text = as_rep.get(response.headers["Location"]).content.decode()
    for file in stored:
        assert f'href="{file.get_absolute_url()}"' in text


def test_stored_file_names_cannot_be_guessed(
    as_rep: Client, sender: SenderNumber, private_files: Path
) -> None:
    post(as_rep, upload(name="../../../escape.txt"))
    [stored] = [path for path in private_files.rglob("*") if path.is_file()]
    assert stored.parent == private_files / "evidence" / str(sender.organization_id)
    assert len(stored.name) == 32
    assert Evidence.objects.get().name == "escape.txt"


def test_the_folder_is_not_under_a_public_url(
    as_rep: Client, support_request: SupportRequest, rep: User
) -> None:
    root = Path(storages["private"].path("x")).parent
    assert root == settings.PRIVATE_ROOT
    assert not root.is_relative_to(settings.STATIC_ROOT)
    file = factories.evidence(support_request, rep).file
    for address in (f"/{file.name}", f"/static/{file.name}", f"/private/{file.name}", file.url):
        assert as_rep.get(address).status_code == 404


def test_only_the_server_can_read_stored_files(private_files: Path) -> None:
    private: Any = settings.STORAGES["private"]
    storage = FileSystemStorage(**private["OPTIONS"] | {"location": private_files / "new"})
    stored = Path(storage.path(storage.save("evidence/1/x", ContentFile(b"x"))))
    assert [stat.S_IMODE(path.stat().st_mode) for path in (stored, stored.parent)] == [0o600, 0o700]


def test_members_and_support_can_open_a_file(
    as_rep: Client,
    as_colleague: Client,
    as_staff: Client,
    support_request: SupportRequest,
    rep: User,
) -> None:
    file = factories.evidence(support_request, rep)
    for client in (as_rep, as_colleague, as_staff):
        response = read(client, file)
        assert (response.status_code, body(response)) == (200, b"I agree")


def test_strangers_get_404(
    client: Client, as_stranger: Client, support_request: SupportRequest, rep: User
) -> None:
    file = factories.evidence(support_request, rep)
    assert read(as_stranger, file).status_code == 404
    assert read(client, file).headers["Location"].startswith("/sign-in/")


def test_support_cannot_open_files_of_a_draft(
    as_supporter: Client, as_staff: Client, support_request: SupportRequest, rep: User, bring: Bring
) -> None:
    file = factories.evidence(support_request, rep)
    assert read(as_supporter, file).status_code == 404
    assert read(as_staff, file).status_code == 200
    bring(support_request, State.SUBMITTED)
    assert read(as_supporter, file).status_code == 200


def test_staff_need_permission_to_open_a_file(
    support_request: SupportRequest, rep: User, bring: Bring
) -> None:
    file = factories.evidence(support_request, rep)
    bring(support_request, State.SUBMITTED)
    clerk = factories.user(None, "clara", is_staff=True)
    client = Client()
    client.force_login(clerk)
    assert read(client, file).status_code == 404
    clerk.user_permissions.add(Permission.objects.get(codename="view_evidence"))
    assert read(client, file).status_code == 200


def test_browsers_never_run_a_file(
    as_rep: Client, support_request: SupportRequest, rep: User
) -> None:
    file = factories.evidence(support_request, rep, 'we "agree"\n.txt', text=HTML.decode())
    response = read(as_rep, file)
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert "\n" not in response.headers["Content-Disposition"]
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["Cache-Control"] == "private, no-store"
    response.close()


def test_a_missing_file_returns_404(
    as_rep: Client, support_request: SupportRequest, rep: User, private_files: Path
) -> None:
    file = factories.evidence(support_request, rep)
    (private_files / str(file.file.name)).unlink()
    assert read(as_rep, file).status_code == 404


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"PK\x03\x04\xff\xff", "bomb.zip"),
        (b"\x89PNG\r\n\x1a\n" + HTML, "polyglot.png"),
        (HTML + b"\xff" + PDF, "polyglot.pdf"),
        (pdfs.write(pdfs.objects(b"<< /S /JavaScript >>")), "script.pdf"),
        (b"x" * (5 * 1024 * 1024 + 1), "large.txt"),
        (b"", "empty.txt"),
    ],
)
def test_rejected_files_are_named_and_not_stored(
    as_rep: Client, sender: SenderNumber, private_files: Path, content: bytes, name: str
) -> None:
    response = post(as_rep, upload(), upload(content, name))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["evidence_files"]
    assert not SupportRequest.objects.exists()
    assert not [path for path in private_files.rglob("*") if path.is_file()]


def test_nothing_is_stored_if_the_disk_is_full(
    as_rep: Client, sender: SenderNumber, private_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = Evidence.save

    def full(evidence: Evidence, *args: Any, **kwargs: Any) -> None:
        if evidence.name == "third.txt":
            raise OSError(errno.ENOSPC, "No space left on device")
        save(evidence, *args, **kwargs)

    monkeypatch.setattr(Evidence, "save", full)
    response = post(as_rep, upload(), upload(), upload(name="third.txt"))
    assert "The server's disk is full." in response.content.decode()
    assert not SupportRequest.objects.exists()
    assert not [path for path in private_files.rglob("*") if path.is_file()]


def test_the_form_asks_to_attach_files_again_after_an_error(
    as_rep: Client, support_request: SupportRequest
) -> None:
    text = post(as_rep, upload(), website="").content.decode()
    assert "Choose your files again" in text
    assert '<details class="foldable" open>' in text
    assert '<details class="foldable">' in as_rep.get(edit(support_request)).content.decode()
    post(as_rep, upload(), url=edit(support_request))
    text = as_rep.get(edit(support_request)).content.decode()
    assert re.search(r"Files to remove.*form\.txt</label>", text, re.DOTALL)


def test_html_in_a_file_name_is_escaped(as_rep: Client, sender: SenderNumber) -> None:
    response = post(as_rep, upload(b"\0", "<img src=x onerror=alert(1)>.txt"))
    assert "<img src=x" not in response.content.decode()
    response = post(as_rep, upload(name="<img src=x onerror=alert(1)>.txt"))
    assert "<img src=x" not in as_rep.get(response.headers["Location"]).content.decode()


def test_a_request_has_at_most_five_files(as_rep: Client, sender: SenderNumber) -> None:
    assert post(as_rep, *uploads(6)).status_code == 422
    post(as_rep, *uploads(4))
    support_request = SupportRequest.objects.get()
    response = post(as_rep, *uploads(2), url=edit(support_request))
    assert list(response.context["form"].errors) == ["evidence_files"]
    assert post(as_rep, upload(), url=edit(support_request)).status_code == 302
    assert support_request.evidence.count() == 5


def test_an_organization_has_a_storage_limit(
    as_rep: Client, as_stranger: Client, stranger: User, sender: SenderNumber, monkeypatch: Any
) -> None:
    monkeypatch.setattr(whitelist_form, "MOST_STORED", 10)
    post(as_rep, upload(b"12345678901"))
    assert "is out of file storage" in post(as_rep, upload()).content.decode()
    assert stranger.organization is not None
    factories.sender(stranger.organization, phone="+12125550101")
    assert post(as_stranger, upload()).status_code == 302


@pytest.mark.parametrize(("state", "removed"), [("draft", True), ("submitted", False)])
def test_a_file_can_be_removed_before_the_request_is_submitted(
    as_rep: Client,
    support_request: SupportRequest,
    rep: User,
    bring: Bring,
    private_files: Path,
    django_capture_on_commit_callbacks: Any,
    state: str,
    removed: bool,
) -> None:
    file = factories.evidence(support_request, rep)
    stored = private_files / str(file.file.name)
    bring(support_request, State(state))
    with django_capture_on_commit_callbacks(execute=True):
        as_rep.post(reverse("evidence_delete", args=[file.pk]))
    assert Evidence.objects.exists() is stored.exists() is (not removed)


def test_a_body_that_is_too_large_is_rejected_unread(as_rep: Client, sender: SenderNumber) -> None:
    class Unread:
        def read(self, *_: Any) -> bytes:
            pytest.fail("the body was read")

        readline = read

    length: Any = {"CONTENT_LENGTH": str(2 * 1024**3), "wsgi.input": Unread()}
    response = as_rep.post(URL, content_type="multipart/form-data; boundary=x", **length)
    assert response.status_code == 413
    text = response.content.decode()
    assert "The limit is 26.0" in text
    # The response comes before authentication.
    assert "Sign in" not in text
    assert "<nav" not in text


@pytest.mark.parametrize("length", ["", "-1", "x", "10"])
def test_other_lengths_are_left_to_django(as_rep: Client, db: None, length: str) -> None:
    assert as_rep.get("/help/", CONTENT_LENGTH=length).status_code == 200


def test_fields_without_files_have_a_smaller_limit(as_rep: Client, sender: SenderNumber) -> None:
    assert post(as_rep, examples="x" * 3_000_000).status_code == 400


def test_a_file_posted_twice_is_stored_once(as_rep: Client, sender: SenderNumber) -> None:
    """Test a second click, which sends the files again."""
    token = str(uuid4())
    for _ in range(2):
        data = DETAILS | {"form_token": token, "evidence_files": [upload(), upload(b"Other")]}
        assert as_rep.post(URL, data).status_code == 302
    assert Evidence.objects.count() == 2
