"""An owner deletes the organization: at once nothing goes on, and after 30 days it's gone."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from messaging.models import Attempt, BulkSend, CarrierEvent, SmsMessage
from messaging.outgoing import schedule
from messaging.outgoing.claims import claim, is_anything_due
from smscenter.accounts.models import AccountMail, Organization, User
from smscenter.accounts.organizations import deletion as organization_deletion
from smscenter.accounts.organizations import rows as organization_rows
from smscenter.audit.models import AuditRecord
from smscenter.exports.models import Archive
from tests import factories
from tests.html import html_of
from tests.signing_in import sign_in_now

URL = "/settings/organization/delete/"


@pytest.fixture
def owner(organization: Organization) -> User:
    return factories.user(organization, "olga", role=User.Role.OWNER, email="olga@acme.example")


@pytest.fixture
def as_owner(owner: User) -> Client:
    return sign_in_now(Client(), owner)


def delete(client: Client, organization: Organization, days: float = 0) -> None:
    client.post(URL, {"name": organization.name})
    Organization.objects.filter(pk=organization.pk).update(
        deletion_requested=timezone.now() - timedelta(days=days)
    )


@pytest.mark.once
def test_from_that_moment_nothing_can_be_changed_and_nothing_is_sent(
    as_owner: Client, as_rep: Client, rep: User, organization: Organization
) -> None:
    lead = factories.lead(rep)
    sender = factories.sender(organization)
    text = factories.message(lead, status="scheduled", sender=sender)
    own: Any = {"organization": organization}
    Attempt.objects.create(**own, message=text, sender=sender, carrier="sandbox")
    bulk = BulkSend.objects.create(**own, kind="send", state="running", text="Hi", total=1)
    assert as_owner.post(URL, {"name": "Acm"}).status_code == 422
    delete(as_owner, organization)
    assert claim(10).attempts == []
    schedule.withdraw_closing()
    text.refresh_from_db()
    bulk.refresh_from_db()
    assert (text.status, bulk.state) == ("draft", "stopped")
    assert not is_anything_due()
    page = html_of(as_rep.get("/leads/"))
    assert "Acme will be deleted on" in page
    assert "Keep Acme" not in page
    refused = as_rep.post(f"/leads/{lead.pk}/notes/new/", {"text": "Hi"})
    assert refused.status_code == 403
    assert "scheduled for deletion" in html_of(refused)
    assert as_rep.post(reverse("organization_keep")).status_code == 403
    assert as_owner.post("/settings/data/").status_code == 302
    assert Archive.objects.filter(organization=organization).exists()
    mail = AccountMail.objects.get()
    assert (mail.to, mail.subject[:24]) == ("olga@acme.example", "Acme will be deleted on ")


@pytest.mark.once
def test_an_owner_keeps_it_until_the_last_day(as_owner: Client, organization: Organization) -> None:
    delete(as_owner, organization, days=27.5)
    organization_deletion.remind_owners()
    organization_deletion.remind_owners()
    assert AccountMail.objects.filter(subject="Acme will be deleted in 3 days").count() == 1
    assert "Keep Acme" in html_of(as_owner.get("/leads/"))
    page = html_of(as_owner.post(reverse("organization_keep"), follow=True))
    assert "Acme stays." in page
    assert "will be deleted on" not in page
    delete(as_owner, organization, days=30)
    as_owner.post(reverse("organization_keep"))
    organization.refresh_from_db()
    assert organization.deletion_requested, "too late"


@pytest.mark.once
def test_it_takes_the_password(as_owner: Client, organization: Organization) -> None:
    session = as_owner.session
    session["signed_in_at"] = 0
    session.save()
    response = as_owner.post(URL, {"name": organization.name})
    assert response["Location"].startswith("/account/confirm/")


def counts(organization: Organization) -> Counter[str]:
    return Counter(
        {
            model.__name__: organization_rows.rows_of(model, organization).count()
            for model in organization_rows.in_order()
        }
    )


def test_nothing_of_it_remains_and_nothing_of_others_is_touched(
    as_owner: Client, owner: User, rep: User, stranger: User, organization: Organization,
    private_files: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(organization_rows, "SECONDS", 0.0)  # a run deletes one batch, as if killed
    assert stranger.organization
    own, theirs = (factories.everything(each, each.username) for each in (rep, stranger))
    for text in SmsMessage.objects.all():
        CarrierEvent.objects.create(
            carrier="sandbox", kind="status", event_id=f"e{text.pk}", payload=[], message=text,
        )  # fmt: skip
    for archive in (own["archive"], theirs["archive"]):
        archive.file.save("", ContentFile(b"zip"))  # type: ignore[attr-defined]
    agent = factories.user(organization, "agent", is_staff=True)
    before, files = counts(stranger.organization), files_in(private_files, stranger.organization)
    assert min(counts(organization).values()) >= 0
    organization_deletion.delete_due()
    assert counts(organization)["Lead"] == 2
    delete(as_owner, organization, days=30)
    for _ in range(3):
        organization_deletion.delete_due()
    monkeypatch.setattr(organization_rows, "SECONDS", 60.0)
    for _ in range(3):
        organization_deletion.delete_due()
    assert not Organization.objects.filter(pk=organization.pk).exists()
    assert counts(organization).total() == 0
    assert not files_in(private_files, organization)
    assert counts(stranger.organization) == before
    assert files_in(private_files, stranger.organization) == files
    assert CarrierEvent.objects.get().message == theirs["message"]
    assert set(User.objects.values_list("username", flat=True)) == {"sam", "agent"}
    agent.refresh_from_db()
    assert agent.organization is None
    record = AuditRecord.objects.get(action="organization_deleted")
    assert record.summary == (f"SMS Center deleted Acme (ID {organization.pk}): requested by olga")
    assert record.organization_id is None
    assert as_owner.get("/leads/").status_code == 302


def files_in(folder: Path, organization: Organization) -> set[str]:
    return {str(path) for path in folder.rglob(f"*/{organization.pk}/*")}


@pytest.mark.once
def test_administrators_see_what_is_going_to_be_deleted(
    as_owner: Client, organization: Organization, stranger: User
) -> None:
    delete(as_owner, organization)
    client = Client()
    client.force_login(factories.user(None, "root", is_staff=True, is_superuser=True))
    page = html_of(client.get("/admin/accounts/organization/?deletion_requested__isempty=0"))
    assert "Acme" in page
    assert "olga" in page
    assert "Rival" not in page
