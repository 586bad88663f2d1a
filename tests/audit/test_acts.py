"""Each thing that people do leaves a record, whichever page they use."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Model
from django.db.models.signals import post_save
from django.test import Client
from django.urls import reverse

from leads.models import Lead, LeadStatus
from messaging.models import CarrierCode, SenderNumber
from smscenter.accounts.models import Organization, User
from smscenter.audit.models import AuditRecord
from tests import factories
from tests.factories import MOBILE, OTHER_MOBILE, PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def admin(model: type[Model], name: str, *pk: int) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=pk)


class Acts:
    """Someone who acts, and what was recorded about it since the last look."""

    def __init__(self, user: User) -> None:
        self.client = Client()
        self.client.force_login(user)
        self.seen = 0

    def do(self, url: str, /, *args: Any, **data: Any) -> list[str]:
        """Submit a form, and return what was recorded."""
        address = url if url.startswith("/") else reverse(url, args=args)
        response = self.client.post(address, data)
        assert response.status_code in {200, 204, 302}, response.content
        return self.new()

    def fill(self, url: str, /, **data: Any) -> list[str]:
        """Submit a form of the admin with its initial values and these."""
        form = self.client.get(url).context["adminform"].form
        given = {name: form.get_initial_for_field(each, name) for name, each in form.fields.items()}
        shown = {name: getattr(each, "pk", each) for name, each in given.items() if each}
        return self.do(url, **(shown | data))

    def new(self) -> list[str]:
        rows = list(AuditRecord.objects.filter(pk__gt=self.seen).order_by("pk"))
        self.seen = rows[-1].pk if rows else self.seen
        return [row.summary for row in rows]


@pytest.fixture
def in_transaction() -> Iterator[None]:
    """Check that each record is in the transaction of what it records."""
    of_test = len(connection.atomic_blocks)

    def check(instance: AuditRecord, **_: Any) -> None:
        # Django's pages for passwords and signing in have none, and exports change nothing.
        if instance.action not in {"exported", "password_changed", "signed_in"}:
            assert len(connection.atomic_blocks) > of_test, instance

    post_save.connect(check, sender=AuditRecord)
    yield
    post_save.disconnect(check, sender=AuditRecord)


@pytest.fixture
def manager(organization: Organization) -> User:
    names = {"first_name": "Morgan", "last_name": "Diaz"}
    return factories.user(organization, "morgan", role="manager", **names)


def test_what_members_do(manager: User, rep: User, lead: Lead, in_transaction: None) -> None:
    own = {"organization": lead.organization}
    acts, contact = Acts(manager), factories.contact(lead)
    new = LeadStatus.objects.get(**own)
    done = LeadStatus.objects.create(**own, label="Qualified", position=2)
    form = {"name": lead.name, "status": new.pk, "owner": rep.pk, "url": "", "description": ""}
    phones = {"phones-TOTAL_FORMS": 1, "phones-INITIAL_FORMS": 1, "phones-0-phone": MOBILE,
              "phones-0-id": contact.phones.get().pk, "phones-0-label": "mobile"}  # fmt: skip
    emails = {"emails-TOTAL_FORMS": 0, "emails-INITIAL_FORMS": 0}
    who = "Morgan Diaz"

    assert acts.do("lead_edit", lead.pk, **form | {"status": done.pk}) == [
        f"{who} changed status of Bluebird Bakery from New to Qualified"
    ]
    assert acts.do("lead_edit", lead.pk, **form | {"status": done.pk}) == []
    assert acts.do("lead_edit", lead.pk, **form | {"name": "Bluebird", "owner": ""}) == [
        f"{who} changed name, status, and owner of Bluebird Bakery"
    ]
    assert acts.do("lead_new", name="Spare", status=new.pk, owner="", phone=OTHER_MOBILE) == [
        f"{who} added Spare",
        f"{who} added contact Spare of Spare",
        f"{who} added phone number (415) 555-0199 of contact Spare of Spare",
    ]
    assert acts.do("contact_edit", contact.pk, name="Ada B", title="", **phones, **emails) == [
        f"{who} changed name of contact Ada Baker of Bluebird from Ada Baker to Ada B"
    ]
    assert acts.do("contact_delete", contact.pk) == [f"{who} deleted contact Ada B of Bluebird"]
    assert acts.do("address_new", lead.pk, city="Austin", country="US") == [
        f"{who} added address Austin, US of Bluebird"
    ]
    assert acts.do("note_new", lead.pk, text="Secret") == [f"{who} added a note of Bluebird"]
    note = lead.notes.get()
    assert acts.do("note_edit", note.pk, text="Hidden") == [
        f"{who} changed text of a note of Bluebird"
    ]
    assert acts.do("note_delete", note.pk) == [f"{who} deleted a note of Bluebird"]
    assert acts.do("lead_delete", lead.pk) == [f"{who} deleted Bluebird"]
    assert acts.do("lead_restore", lead.deletion.pk) == [f"{who} restored Bluebird"]
    spare = Lead.objects.get(name="Spare")
    assert acts.do(f"{reverse('lead_merge', args=[lead.pk])}?with={spare.pk}") == [
        f"{who} merged Spare into Bluebird"
    ]
    assert acts.do("merge_undo", lead.merges.get().pk) == [
        f"{who} undid: merge of Spare into Bluebird"
    ]
    assert acts.do("lead_change", change=f"status:{done.pk}") == [
        f"{who} made a bulk change: Change status, Qualified, 2 leads"
    ]
    assert acts.do("profile", first_name="Mo", last_name="Diaz", theme="dark") == [
        f"{who} changed first name of Morgan Diaz from Morgan to Mo"
    ]
    assert not AuditRecord.objects.filter(changes__icontains="Secret").exists()


def test_what_members_do_with_texts(
    manager: User, rep: User, lead: Lead, in_transaction: None
) -> None:
    acts, who = Acts(manager), "Morgan Diaz"
    factories.contact(lead)
    phone = f"phone={MOBILE.replace('+', '%2B')}"
    assert acts.do("template_new", name="Hi", text="Hello", shared="on") == [
        f"{who} added template Hi"
    ]
    thread = factories.thread(lead)
    assert acts.do("thread_assign", thread.pk, assignee=manager.pk, expected=rep.pk) == [
        f"{who} changed assignee of conversation Bluebird Bakery from rita to Morgan Diaz"
    ]
    assert acts.do(f"{reverse('opt_out_new')}?{phone}", words="Called") == [
        f"{who} recorded an opt-out of (415) 555-0123"
    ]
    acts.client.get(reverse("lead_export"), {"q": "failed_sms > 1"}).getvalue()
    acts.client.get(reverse("consent_export")).getvalue()
    assert acts.new() == [
        f"{who} exported leads: failed_sms > 1",
        f"{who} exported consent records",
    ]
    export = AuditRecord.objects.get(note="failed_sms > 1")
    assert (export.action, export.organization) == ("exported", lead.organization)


def test_what_administrators_do(
    organization: Organization, rep: User, in_transaction: None
) -> None:
    acts = Acts(factories.user(None, "root", is_staff=True, is_superuser=True))
    code = CarrierCode.objects.get(carrier="twilio", code="30007")
    assert acts.fill(admin(CarrierCode, "change", code.pk), reason="unknown") == [
        "root changed reason of carrier code twilio 30007 from Flagged as spam to Unknown reason"
    ]
    sender = factories.sender(organization)
    assert acts.fill(admin(SenderNumber, "change", sender.pk), rate=3) == [
        "root changed rate of sender number Front desk (212) 555-0100 from 10 to 3"
    ]
    group = Group.objects.create(name="Helpers")
    joined = {"date_joined_0": "2026-11-27", "date_joined_1": "10:00"}
    assert acts.fill(admin(User, "change", rep.pk), role="owner", groups=[group.pk], **joined) == [
        "root changed role of rita from Sales rep to Owner",
        "root changed groups of rita to Helpers",
    ]
    password = {"password1": "Unguessable-1", "password2": "Unguessable-1"}
    assert acts.do(
        reverse("admin:auth_user_password_change", args=[rep.pk]),
        usable_password="true",
        **password,
    ) == ["root changed the password of rita"]
    status = LeadStatus.objects.create(organization=organization, label="Spare", position=3)
    assert acts.do(admin(LeadStatus, "delete", status.pk), post="yes") == [
        "root deleted lead status Spare"
    ]
    assert not AuditRecord.objects.filter(changes__icontains="Unguessable").exists()


def test_sign_ins(client: Client, rep: User) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
    origin: Any = {"HTTP_USER_AGENT": agent, "REMOTE_ADDR": "203.0.113.5"}
    form = {"username": "rita", "password": PASSWORD}
    client.post("/sign-in/", form | {"password": "wrong"}, **origin)
    client.post("/sign-in/", form | {"username": "nobody knows"}, **origin)
    client.post("/sign-in/", form, **origin)
    client.post("/sign-out/", **origin)
    rows = list(AuditRecord.objects.order_by("pk"))
    assert [(row.summary, row.organization) for row in rows] == [
        ("Someone tried to sign in as rita", rep.organization),
        ("Someone tried to sign in as an unknown account", None),
        ("rita signed in", rep.organization),
        ("rita signed out", rep.organization),
    ]
    assert {(row.address, row.device) for row in rows} == {("203.0.113.5", "Chrome on Windows")}
    assert rows[2].request_id


def test_the_background_and_pages_record_nothing(as_rep: Client, lead: Lead) -> None:
    lead.name = "Renamed"
    lead.save()
    for url in (lead.get_absolute_url(), "/leads/", "/messages/"):
        as_rep.get(url)
    assert not AuditRecord.objects.exists()


def test_what_owners_do_with_members(
    organization: Organization, rep: User, in_transaction: None
) -> None:
    acts = Acts(factories.user(organization, "olga", role="owner", email="olga@acme.example"))
    acts.client.cookies.clear()
    acts.client.post("/sign-in/", {"username": "olga", "password": PASSWORD})
    acts.new()
    for url, pk, data, expected in (
        ("member_role", rep.pk, {"role": "manager"}, "role of rita from Sales rep to Manager"),
        ("member_deactivate", rep.pk, {}, "active of rita from Yes to No"),
        ("member_reactivate", rep.pk, {}, "active of rita from No to Yes"),
    ):
        assert acts.do(url, pk, **data) == [f"olga changed {expected}"], url
    assert acts.do("member_invite", emails="ada@acme.example", role="rep") == [
        "olga added invitation ada@acme.example"
    ]
    assert acts.do("member_second_factor", required="on") == [
        "olga changed require two-step verification of Acme from No to Yes"
    ]
