"""A manager erases a person's data on request: all of it, except what has to stay."""

import re
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from leads.changing.deleting import delete
from leads.changing.merging import merge
from leads.erasing import work
from leads.imports import rows as stored
from leads.models import (
    Address,
    ContactEmail,
    Erasure,
    ImportProblem,
    ImportRow,
    Lead,
    LeadChange,
    Note,
)
from leads.page import place_of
from messaging.hooks import erasing
from messaging.incoming import events
from messaging.models import (
    Attempt,
    BulkItem,
    BulkSend,
    CarrierEvent,
    Consent,
    OptOut,
    Recipient,
    SmsMessage,
)
from search.models import SavedView
from smscenter.accounts.models import User
from smscenter.audit.models import AuditRecord
from smscenter.audit.recording import record
from smscenter.exports.models import Archive
from smscenter.notifications.models import Notification, NotificationMail
from smscenter.support.models import (
    Mail,
    SupportRequest,
    SupportRequestEvent,
    SupportRequestMessage,
)
from tests import factories
from tests.html import html_of
from tests.signing_in import sign_in_now

# In everything about the person, and nowhere else.
WORD, PHONE, SHOWN, EMAIL = "quaxley", "+16175550177", "(617) 555-0177", "zeb@quaxley.example"
SECRETS = (WORD, PHONE, SHOWN, "6175550177")


@pytest.fixture
def manager(rep: User) -> User:
    assert rep.organization
    return factories.user(rep.organization, "mona", role=User.Role.MANAGER, email="m@acme.example")


@pytest.fixture
def as_manager(manager: User) -> Client:
    return sign_in_now(Client(), manager)


@pytest.fixture
def person(rep: User, manager: User, as_manager: Client) -> Lead:
    """Return a lead about whom every table has something."""
    lead = factories.lead(rep, f"Zebulon {WORD}", description=WORD, custom={"Pet": WORD})
    own: dict[str, Any] = {"organization": lead.organization}
    contact = factories.contact(lead, PHONE, f"Zeb {WORD}")
    ContactEmail.objects.create(**own, contact=contact, email=EMAIL)
    Address.objects.create(**own, lead=lead, street=f"{WORD} Street")
    Note.objects.create(**own, lead=lead, user=rep, text=f"Call {WORD}")
    sender = factories.sender(lead.organization)
    text = factories.message(
        lead, text=f"Hi {WORD}", sent_text=WORD, sender=sender, contact=contact, status="error",
        reason="spam", codes="30007", remote_phone=PHONE, user=rep,
        media=[{"url": f"https://x/{WORD}"}],
    )  # fmt: skip
    factories.message(
        lead, text=f"{WORD}?", remote_phone=PHONE, direction="incoming", status="inbox"
    )
    factories.media_file(text, WORD.encode(), name=f"{WORD}.vcf")
    attempt = Attempt.objects.create(
        **own, message=text, carrier="sandbox", state="failed", carrier_words=f"No {PHONE}",
        raw={"to": PHONE}, carrier_id="SM1", code="30007", reason="spam",
    )  # fmt: skip
    event(1, [["From", PHONE]], message=text, attempt=attempt)
    event(2, [["From", PHONE], ["To", factories.OUR_NUMBER]], kind="inbound")
    _bulk(lead, text)
    _import(lead, manager)
    factories.unmatched_text(sender, remote=PHONE, text=WORD, cause="no_lead")
    recipient = Recipient.objects.create(**own, phone=PHONE, capability_note=WORD)
    OptOut.objects.create(
        **own, recipient=recipient, source="keyword", words=f"STOP {WORD}", message=text
    )
    Consent.objects.create(**own, recipient=recipient, method=f"{WORD} form", place=WORD)
    _requests(rep, text)
    _members(lead, rep, manager)
    as_manager.post(f"/leads/{lead.pk}/notes/new/", {"text": "Called"})
    other = factories.lead(rep, f"Old {WORD}")
    factories.contact(other, PHONE, f"{WORD} twice")
    merge(lead, other, rep, ["name"])
    lead.refresh_from_db()
    return lead


def event(number: int, payload: Any, **fields: Any) -> CarrierEvent:
    defaults = {"carrier": "sandbox", "kind": "status", "outcome": "applied"}
    return CarrierEvent.objects.create(event_id=f"e{number}", payload=payload, **defaults | fields)


def _bulk(lead: Lead, text: SmsMessage) -> None:
    own: Any = {"organization": lead.organization}
    bulk = BulkSend.objects.create(
        **own, kind="send", state="ready", text="Hi", query=PHONE, total=2
    )
    item: Any = {**own, "bulk": bulk, "lead": lead, "name": lead.name, "phone": PHONE, "text": WORD}
    BulkItem.objects.create(**item, position=0, state="waiting", notes=[WORD], once=PHONE)
    BulkItem.objects.create(**item, position=1, state="made", message=text)


def _import(lead: Lead, manager: User) -> None:
    own: Any = {"organization": lead.organization}
    lines = f'[1, ["Name", "Phone"]]\n[2, ["{lead.name}", "x"]]\n[3, ["Ann", "+12125550111"]]\n'
    lines += '[4, ["Someone", "617.555.0177"]]\n'
    job = factories.lead_import(
        manager, lines, state="done", sample=[[lead.name, "617.555.0177"], ["Ann", ""]]
    )
    job.file.storage.save(stored.path(job), ContentFile(lines.encode()))
    ImportRow.objects.create(
        **own, lead_import=job, number=2, lead=lead, outcome="added", before={"content": WORD}
    )
    own |= {"lead_import": job, "code": "phone"}
    ImportProblem.objects.create(**own, number=2, value=WORD, message=f"{WORD} isn't a number.")
    ImportProblem.objects.create(**own, number=4, value=PHONE, message="Known")
    ImportProblem.objects.create(**own, number=3, value="kept", message="Kept")


def _requests(rep: User, text: SmsMessage) -> None:
    own: Any = {"organization": rep.organization}
    details = dict.fromkeys(SupportRequest.typed(), f"Friend of {EMAIL}")
    request = factories.support_request(rep, **details | {"examples": f"Hi {WORD}"})
    SupportRequestMessage.objects.create(**own, request=request, message=text)
    factories.evidence(request, rep, f"{WORD}.txt", WORD)
    entry = SupportRequestEvent.objects.create(
        **own, request=request, kind="comment", note=f"Ask {SHOWN}", user=rep
    )
    Mail.objects.create(**own, request=request, event=entry, to="s@x.example", text=f"{WORD}")


def _members(lead: Lead, rep: User, manager: User) -> None:
    own: Any = {"organization": lead.organization}
    Notification.objects.create(**own, user=rep, kind="reply", subject=1, place=place_of(lead.pk))
    NotificationMail.objects.create(
        user=rep, to="r@acme.example", subject="A reply", text=f"{lead.name} replied: hi"
    )
    SavedView.objects.create(**own, owner=rep, name="Zeb", query=f"phone:{PHONE}")
    LogEntry.objects.create(
        user=manager, content_type=ContentType.objects.get_for_model(Lead), object_id=str(lead.pk),
        object_repr=lead.name, change_message=WORD, action_flag=2,
    )  # fmt: skip
    LeadChange.objects.create(**own, lead=lead, field="merged", old=WORD)
    archive = Archive.objects.create(**own, state="done", created_by=manager)
    archive.file.save("", ContentFile(WORD.encode()))


def erase() -> None:
    """Do what a worker does, however long it takes."""
    for erasure in Erasure.objects.in_work():
        while work.step(erasure.pk):
            pass


def mentions(files: Path) -> set[str]:
    """Return the tables and files that have something of the person."""
    found = set()
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        # SQLite stores the words of these in tables of their own, such as leads_words_data.
        for table in {*tables} - {"leads_words", "messaging_words"}:
            cursor.execute(f'SELECT * FROM "{table}"')
            if any(secret in str(row).lower() for row in cursor.fetchall() for secret in SECRETS):
                found.add(table)
    for path in filter(Path.is_file, files.rglob("*")):
        content = path.read_bytes().decode(errors="replace").lower()
        if any(secret in content for secret in (*SECRETS, "617.555.0177")):
            found.add("files")
    return found


def test_nothing_of_the_person_is_left_but_the_opt_out(
    person: Lead, as_manager: Client, private_files: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    before = mentions(private_files)
    assert {"files", "audit_auditrecord", "messaging_smsmessage", "leads_leadmerge"} <= before
    with django_capture_on_commit_callbacks(execute=True):
        started = as_manager.post(f"/leads/{person.pk}/erase/", {"name": person.name})
        erase()
    assert mentions(private_files) == {"messaging_recipient"}
    assert Recipient.objects.get(phone=PHONE).opt_outs.get().ended is None
    texts = SmsMessage.objects.filter(lead=person)
    assert set(texts.values_list("text", flat=True)) == {"Erased on request."}
    person.refresh_from_db()
    assert (person.name, person.sms_count, person.failed_sms_count) == ("Erased lead", 2, 1)
    assert Attempt.objects.get().carrier_id == "SM1"
    call_command("rollups", stdout=StringIO())
    assert ImportProblem.objects.get().value == "kept"
    [job] = {row.lead_import for row in ImportProblem.objects.all()}
    assert [row.number for row in stored.each(job)] == [2, 3, 4]
    for address in (
        person.get_absolute_url(),
        started["Location"],
        "/messages/",
        "/settings/erasures/",
    ):
        assert as_manager.get(address).status_code == 200
    receipt = html_of(as_manager.get(started["Location"]))
    assert "Finished" in receipt
    assert "mona" in receipt


@pytest.fixture
def text(lead: Lead) -> SmsMessage:
    return factories.message(
        lead, remote_phone=PHONE, sender=factories.sender(lead.organization), status="outbox"
    )


@pytest.mark.once
def test_unsent_texts_are_canceled_and_one_that_is_being_sent_is_waited_for(
    text: SmsMessage, lead: Lead, manager: User
) -> None:
    own: Any = {"organization": lead.organization, "carrier": "sandbox"}
    later = factories.message(lead, status="scheduled", remote_phone=PHONE, sender=text.sender)
    Attempt.objects.create(**own, message=later)
    lease = {"lease": uuid4(), "lease_until": timezone.now(), "started": timezone.now()}
    sending = Attempt.objects.create(**own, message=text, state="sending", **lease)
    erasure = work.start(lead, manager)
    assert not Attempt.objects.filter(message=later).exists()
    erase()
    assert Erasure.objects.in_work().exists()
    assert list(SmsMessage.objects.values_list("remote_phone", flat=True)) == [PHONE]
    assert _text_from_the_person(text).lead != lead, "the lead isn't the person's anymore"
    Attempt.objects.filter(pk=sending.pk).update(
        state="accepted", carrier_id="SM1", lease=None, lease_until=None
    )
    SmsMessage.objects.filter(pk=text.pk).update(status="sent")
    erase()
    assert not Erasure.objects.in_work().exists()
    report = event(3, [["MessageStatus", "undelivered"], ["ErrorCode", "30003"], ["To", PHONE]],
                   carrier_id="SM1", outcome="waiting")  # fmt: skip
    events.process(report)
    erasing.erase_late_reports()
    text.refresh_from_db()
    assert (text.status, text.remote_phone) == ("error", ""), "a late report still counts"
    assert not CarrierEvent.objects.filter(pk=report.pk).exists()
    erasure.refresh_from_db()
    assert erasure.counts["Texts, and their numbers"] == 1


def _text_from_the_person(text: SmsMessage) -> SmsMessage:
    payload = [["From", PHONE], ["To", text.local_phone], ["Body", "Hi"], ["MessageSid", "SM2"]]
    events.process(event(2, payload, kind="inbound", outcome="waiting", carrier_id="SM2"))
    return SmsMessage.objects.get(direction="incoming")


@pytest.mark.once
def test_a_killed_worker_repeats_its_step(
    lead: Lead, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        factories.message(lead, remote_phone=PHONE)
    erasure = work.start(lead, manager)
    monkeypatch.setattr(erasing, "CHUNK", 2)
    steps, store = [], work._store

    def die(*stored: Any) -> bool:
        steps.append(stored)
        if len(steps) % 2:
            raise KeyboardInterrupt
        return store(*stored)

    monkeypatch.setattr(work, "_store", die)
    for _ in range(200):
        with suppress(KeyboardInterrupt):
            work.step(erasure.pk)
    assert Erasure.objects.get().counts["Texts, and their numbers"] == 5


@pytest.mark.once
def test_it_takes_the_name_the_password_and_the_permission(
    as_manager: Client, as_rep: Client, lead: Lead, rep: User
) -> None:
    factories.contact(lead, PHONE)
    twin = factories.lead(rep, "Bluebird twin")
    factories.contact(twin, PHONE)
    page = html_of(as_manager.get(f"/leads/{lead.pk}/erase/"))
    assert "Bluebird twin" in page
    assert as_manager.post(f"/leads/{lead.pk}/erase/", {"name": "Blue"}).status_code == 422
    session = as_manager.session
    session["signed_in_at"] = 0
    session.save()
    response = as_manager.post(f"/leads/{lead.pk}/erase/", {"name": lead.name})
    assert response["Location"].startswith("/account/confirm/")
    assert as_rep.post(f"/leads/{lead.pk}/erase/", {"name": lead.name}).status_code == 403
    assert not Erasure.objects.exists()


@pytest.mark.once
def test_a_deleted_lead_is_erased_and_a_shared_number_stays(
    as_manager: Client, lead: Lead, manager: User, rep: User
) -> None:
    for each in (lead, factories.lead(rep, "Twin")):
        factories.contact(each, PHONE)
    recipient = Recipient.objects.for_phone(lead.organization, PHONE)
    Consent.objects.create(organization=lead.organization, recipient=recipient, method="Form")
    delete(lead, rep)
    assert "Erase…" in as_manager.get("/leads/deleted/").content.decode()
    as_manager.post(f"/leads/{lead.pk}/erase/", {"name": lead.name})
    erase()
    lead.refresh_from_db()
    assert lead.name == "Erased lead"
    assert Consent.objects.exists()


def test_the_audit_log_lets_nothing_but_erased_words_in(lead: Lead, manager: User) -> None:
    record("changed", lead, by=manager)
    rows = AuditRecord.objects.filter(action="changed")
    blank = {"summary": "mona: erased on request", "changes": [], "note": ""}
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(**blank)
    work.start(lead, manager)
    for changes in ({"summary": "x"}, blank | {"note": "x"}, blank | {"actor_name": "x"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**changes)
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditRecord.objects.filter(action="erased").update(**blank)
    rows.update(**blank)


@pytest.mark.once
def test_one_of_several_contacts_is_erased(as_manager: Client, lead: Lead) -> None:
    zeb = factories.contact(lead, PHONE, f"Zeb {WORD}")
    ada = factories.contact(lead)
    for contact, phone in ((zeb, PHONE), (None, PHONE), (ada, factories.MOBILE)):
        factories.message(lead, contact=contact, remote_phone=phone, text=f"To {phone}")
    page = html_of(as_manager.get(f"/leads/{lead.pk}/erase/?contact={zeb.pk}"))
    assert "Stays, with its notes and details." in page
    as_manager.post(f"/leads/{lead.pk}/erase/?contact={zeb.pk}", {"name": zeb.name})
    erase()
    assert list(lead.contacts.all()) == [ada]
    assert list(lead.messages.values_list("text", flat=True)) == [f"To {factories.MOBILE}"]
    assert SmsMessage.objects.filter(text="Erased on request.").count() == 2
    assert mentions(Path("/nonexistent")) == set()


@pytest.mark.once
def test_what_was_deleted_before_cannot_be_restored(
    as_manager: Client, lead: Lead, manager: User
) -> None:
    contact = factories.contact(lead, PHONE)
    page = as_manager.post(f"/contacts/{contact.pk}/delete/", follow=True).content.decode()
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token
    work.start(lead, manager)
    assert "Too late to undo." in html_of(
        as_manager.post("/undo/", {"token": token[1]}, follow=True)
    )
    assert not lead.contacts.exists()
