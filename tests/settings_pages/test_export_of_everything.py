"""An owner exports everything that the organization stores, and nobody else's."""

import csv
import re
from datetime import timedelta
from io import BytesIO, TextIOWrapper
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from smscenter.accounts.models import Owned, User
from smscenter.exports import building
from smscenter.exports.models import Archive
from smscenter.exports.tables import tables
from smscenter.notifications import mails
from smscenter.notifications.models import Notification
from tests import factories
from tests.html import html_of
from tests.support.mail_server import MailServer, text_of

pytestmark = pytest.mark.once
# What stays out, and why.
NOT_EXPORTED = {
    "Archive": "the export itself",
    "DeletedLead": "nobody sees deleted leads, so neither are they exported",
    "ImportKey": "digests, only while a file is checked",
    "LeadNumber": "made of the custom fields of leads, for searches",
    "LeadVisit": "what each member has read",
    "LeadWords": "made of the texts of leads, for searches",
    "Mail": "repeats what the request's history says",
    "Notification": "each member's own",
    "ReceivedMail": "keys of emails, so that none counts twice",
    "ThreadVisit": "what each member has read",
}


@pytest.fixture
def as_owner(manager: User, as_manager: Client) -> Client:
    manager.role = User.Role.OWNER
    manager.save()
    return as_manager


def build() -> Archive:
    while not (archive := Archive.objects.exclude(file="").get()).is_done:
        building.work()
    return archive


def rows_in(file: ZipFile, name: str) -> list[dict[str, str]]:
    with file.open(name) as member:
        return list(csv.DictReader(TextIOWrapper(member, "utf-8-sig")))


@pytest.fixture
def start(as_owner: Client, rep: User, stranger: User) -> Client:
    for person, word in ((rep, "Our"), (stranger, "Zanzibar")):
        factories.everything(person, word)
    Archive.objects.all().delete()
    as_owner.post("/settings/data/")
    return as_owner


def test_an_export_has_all_rows_and_files(start: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "SECONDS", 0)
    monkeypatch.setattr(building, "ROWS", 1)
    start.post("/settings/data/")
    building.work()
    assert "In progress" in html_of(start.get("/settings/data/"))
    archive = build()
    response = start.get(f"/settings/data/{archive.pk}/download/")
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert b"Zanzibar" not in content
    with ZipFile(BytesIO(content)) as file:
        assert file.testzip() is None
        [status] = rows_in(file, "lead_statuses.csv")
        assert status["label"] == "New"
        [member] = rows_in(file, "members-2.csv")
        assert member["username"] == "rita"
        assert not any("password" in row for row in rows_in(file, "members.csv"))
        assert rows_in(file, "contact_phones.csv")[0]["phone"] == factories.MOBILE
        assert any(name.startswith("files/request_files/") for name in file.namelist())
        for name in set(file.namelist()):
            assert b"Zanzibar" not in file.read(name), name
    assert Notification.objects.filter(kind=building.READY, subject=archive.pk).exists()


def test_the_link_of_the_mail_expires_and_is_for_owners_only(
    start: Client, rep: User, mail_server: MailServer, client: Client
) -> None:
    User.objects.filter(role=User.Role.OWNER).update(email="mona@acme.example")
    building.work()
    archive = build()
    later = timezone.now() + timedelta(minutes=3)
    mails.write_due(at=later)
    assert mails.send_due() == 1
    pattern = r"http://127.0.0.1:8000(/settings/data/\d+/download/\?link=\S+)"
    found = re.search(pattern, text_of(mail_server.box.mails[0]))
    assert found
    link = found[1]
    assert start.get(link)["Content-Type"] == "application/zip"
    assert client.get(link)["Location"].startswith("/sign-in/?next=/settings/data/")
    client.force_login(rep)
    assert client.get(link).status_code == 403
    archive.created -= timedelta(days=7)
    assert start.get(archive.link).status_code == 404, "expired"
    assert start.get(f"{link}x").status_code == 404, "not signed"


def test_an_export_starts_over_after_a_crash(start: Client) -> None:
    building.work()
    archive = build()
    with Path(archive.file.path).open("ab") as file:
        file.write(b"half a part")
    Archive.objects.update(state="sending", lease_until=timezone.now(), table=3)
    building.work()
    with ZipFile(build().file.path) as file:
        assert file.testzip() is None
        assert len(file.namelist()) == len(set(file.namelist()))


def test_an_export_is_deleted_after_7_days(start: Client) -> None:
    building.work()
    archive = build()
    Archive.objects.update(created=timezone.now() - timedelta(days=7))
    assert start.get(f"/settings/data/{archive.pk}/download/").status_code == 404
    building.delete_old()
    assert not Archive.objects.exists()
    assert not Path(archive.file.path).exists()


def test_only_owners_export_everything(as_manager: Client, manager: User) -> None:
    assert as_manager.post("/settings/data/").status_code == 403
    archive = Archive.objects.create(organization_id=manager.organization_id or 0, state="done")
    assert as_manager.get(f"/settings/data/{archive.pk}/download/").status_code == 403


def test_every_model_of_an_organization_is_exported_or_left_out_on_purpose() -> None:
    owned = {model.__name__ for model in apps.get_models() if issubclass(model, Owned)}
    exported = {table.model.__name__ for table in tables}
    assert owned - exported == {*NOT_EXPORTED} & owned
