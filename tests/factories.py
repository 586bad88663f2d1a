"""Create rows for tests, each with the minimum that makes it valid."""

from collections.abc import Iterable
from importlib import import_module
from io import BytesIO
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model
from django.utils import timezone

from leads.models import (
    Address,
    BulkChange,
    Contact,
    ContactEmail,
    ContactPhone,
    CustomField,
    DeletedLead,
    DeletedNote,
    Erasure,
    ImportKey,
    ImportProblem,
    ImportRow,
    Lead,
    LeadChange,
    LeadImport,
    LeadMerge,
    LeadNumber,
    LeadStatus,
    LeadVisit,
    LeadWords,
    Note,
)
from leads.page import place_of
from messaging.models import (
    Alert,
    Attempt,
    BulkItem,
    BulkSend,
    Consent,
    MediaFile,
    MessageTemplate,
    OptOut,
    PhoneVerification,
    Recipient,
    SenderNumber,
    SmsMessage,
    TextCount,
    Thread,
    ThreadVisit,
    UnmatchedText,
)
from search.models import SavedView
from smscenter.accounts.models import Invitation, Organization, User
from smscenter.exports.models import Archive
from smscenter.notifications.models import Notification
from smscenter.support.models import (
    Evidence,
    Mail,
    ReceivedMail,
    SupportRequest,
    SupportRequestEvent,
    SupportRequestMessage,
    Whitelisting,
)
from smscenter.support.requests.evidence import add_evidence
from smscenter.support.requests.uploads import Upload

PASSWORD = "correct horse"
MOBILE = "+14155550123"
OTHER_MOBILE = "+14155550199"
OUR_NUMBER = "+12125550100"


def organization(slug: str) -> Organization:
    row = Organization.objects.create(name=slug.title(), slug=slug)
    LeadStatus.objects.create(organization=row, label="New")
    return row


def user(organization: Organization | None, username: str, **fields: Any) -> User:
    return User.objects.create_user(
        username, password=PASSWORD, organization=organization, **fields
    )


def support_group() -> Group:
    """Return the Support group. Recreate it if a transactional test has deleted it."""
    if group := Group.objects.filter(name="Support").first():
        return group
    migration = import_module("smscenter.support.migrations.0001_squashed_0007")
    state = MigrationLoader(connection).project_state(("support", "0001_squashed_0007"))
    migration.create_group(state.apps, None)
    return Group.objects.get(name="Support")


def lead(owner: User, name: str = "Bluebird Bakery", **fields: Any) -> Lead:
    assert owner.organization is not None
    status = LeadStatus.objects.filter(organization=owner.organization).first()
    return Lead.objects.create(
        **{"organization": owner.organization, "status": status, "owner": owner, "name": name}
        | fields
    )


def contact(lead: Lead, phone: str = MOBILE, name: str = "Ada Baker") -> Contact:
    row = Contact.objects.create(organization=lead.organization, lead=lead, name=name)
    ContactPhone.objects.create(organization=lead.organization, contact=row, phone=phone)
    return row


def sender(organization: Organization, **fields: Any) -> SenderNumber:
    defaults = {
        "phone": OUR_NUMBER,
        "carrier": "sandbox",
        "registered": True,
        "label": "Front desk",
    }
    return SenderNumber.objects.create(organization=organization, **defaults | fields)


def message(lead: Lead, **fields: Any) -> SmsMessage:
    """Create a sent outgoing message, unless `fields` say otherwise."""
    return SmsMessage.objects.create(**_message_fields(lead, fields))


def messages(lead: Lead, rows: Iterable[dict[str, Any]]) -> None:
    """Create many such messages at once, with these fields."""
    SmsMessage.objects.bulk_create(SmsMessage(**_message_fields(lead, row)) for row in rows)


def _message_fields(lead: Lead, fields: dict[str, Any]) -> dict[str, Any]:
    defaults = {
        "organization": lead.organization,
        "lead": lead,
        "direction": SmsMessage.Direction.OUTGOING,
        "status": SmsMessage.Status.SENT,
        "text": "Hello",
        "remote_phone": MOBILE,
        "local_phone": OUR_NUMBER,
    }
    return defaults | fields


def media_file(message: SmsMessage, content: bytes = b"BEGIN:VCARD", **fields: Any) -> MediaFile:
    """Keep a contact card that came with a text, unless `fields` say otherwise."""
    defaults = {"name": "contact-card.vcf", "content_type": "text/vcard", "size": len(content)}
    file = ContentFile(content, "new")
    return MediaFile.objects.create(
        organization=message.organization, message=message, file=file, **defaults | fields
    )


def picture(by: User) -> MediaFile:
    """Attach a picture, not inspected, to a text that isn't sent yet."""
    assert by.organization is not None
    return MediaFile.objects.create(
        organization=by.organization,
        file=ContentFile(b"pixels", "new"),
        name="picture.jpg",
        size=6,
        content_type="image/jpeg",
        user=by,
    )


def unmatched_text(sender: SenderNumber, **fields: Any) -> UnmatchedText:
    """Create a text from a short code, unless `fields` say otherwise."""
    defaults = {"remote": "72975", "cause": UnmatchedText.Cause.NOT_A_NUMBER}
    return UnmatchedText.objects.create(
        organization=sender.organization,
        sender=sender,
        received=timezone.now(),
        **defaults | fields,
    )


def thread(lead: Lead, **fields: Any) -> Thread:
    """Create the thread that an incoming text would, which waits for the lead's owner."""
    now = timezone.now()
    defaults = {"assignee": lead.owner, "received": now, "due": now}
    return Thread.objects.create(organization=lead.organization, lead=lead, **defaults | fields)


def support_request(by: User, **fields: Any) -> SupportRequest:
    """Create a draft of a whitelist request, unless `fields` say otherwise."""
    assert by.organization is not None
    return SupportRequest.objects.create(organization=by.organization, created_by=by, **fields)


def evidence(
    support_request: SupportRequest, by: User, name: str = "form.txt", text: str = "I agree"
) -> Evidence:
    add_evidence(
        support_request, [Upload(name, BytesIO(text.encode()), "text/plain; charset=utf-8")], by
    )
    return Evidence.objects.latest("id")


def everything(owner: User, word: str) -> dict[str, Model]:
    """Create a row of every kind in the owner's organization, with this word in every text."""
    own = {"organization": owner.organization}
    row = lead(owner, f"{word} lead", description=f"{word} description")
    person = contact(row, name=f"{word} contact")
    rows: dict[str, Model] = {
        "lead": row,
        "owner": owner,
        "status": row.status,
        "field": CustomField.objects.create(**own, name=f"{word} field"),
        "contact": person,
        "phone": person.phones.get(),
        "email": ContactEmail.objects.create(**own, contact=person, email="ada@example.com"),
        "address": Address.objects.create(**own, lead=row, city=f"{word} City"),
        "note": Note.objects.create(**own, lead=row, user=owner, text=f"{word} note"),
        "deleted_note": DeletedNote.objects.create(
            **own, lead=row, author=owner, deleted_by=owner, written=row.created
        ),
        "number": LeadNumber.objects.create(**own, lead=row, key=f"{word} field", value=1),
        # Made by a trigger.
        "words": LeadWords.objects.get(kind="name", source=row.pk),
        "visit": LeadVisit.objects.create(**own, lead=row, user=owner, seen=timezone.now()),
        "invitation": Invitation.objects.create(
            **own, email=f"{word.lower()}@example.com", invited_by=owner
        ),
        "passkey": Authenticator.objects.create(
            user=owner, type="webauthn", data={"name": f"{word} key"}
        ),
        "archive": Archive.objects.create(**own, created_by=owner),
        "own_phone": PhoneVerification.objects.create(**own, user=owner, phone=MOBILE),
        "view": SavedView.objects.create(
            **own, owner=owner, name=f"{word} view", query=word, shared=True
        ),
    }
    phone = f"+1212555{1000 + row.organization.pk}"
    number = sender(row.organization, label=f"{word} desk", phone=phone)
    text = message(row, text=f"{word} text", status="error", reason="spam", sender=number)
    rows |= _changes(owner, row, word) | _import(owner, row, word)
    return rows | _texts(number, text, word) | _requests(owner, number, text, word)


def _changes(owner: User, row: Lead, word: str) -> dict[str, Model]:
    own = {"organization": owner.organization}
    other = lead(owner, f"{word} deleted lead")
    bulk = BulkChange.objects.create(
        **own, kind="owner", label=f"{word} owner", total=1, created_by=owner, state="done"
    )
    return {
        "erasure": Erasure.objects.create(**own, lead_number=1, created_by_name=word),
        "deleted_lead": DeletedLead.objects.create(**own, lead=other, user=owner),
        "merge": LeadMerge.objects.create(
            **own, lead=row, source=other, source_name=f"{word} other", user=owner
        ),
        "bulk_change": bulk,
        "lead_change": LeadChange.objects.create(
            **own, lead=row, bulk=bulk, user=owner, field="owner", new=f"{word} owner"
        ),
    }


def lead_import(by: User, content: str = "", **fields: Any) -> LeadImport:
    """Create an import of a file whose rows were read, unless `fields` say otherwise."""
    assert by.organization is not None
    defaults = {"name": "leads.csv", "state": "mapping", "header": ["Name"], "columns": ["name"]}
    return LeadImport.objects.create(
        organization=by.organization,
        created_by=by,
        file=ContentFile(content.encode(), "new"),
        **defaults | fields,
    )


def _import(owner: User, row: Lead, word: str) -> dict[str, Model]:
    own: dict[str, Any] = {"organization": owner.organization}
    job = lead_import(owner, name=f"{word}.csv", status=row.status, header=[f"{word} name"])
    own |= {"lead_import": job, "number": 2}
    return {
        "lead_import": job,
        "import_row": ImportRow.objects.create(**own, lead=row, outcome="added", kept=word),
        "import_problem": ImportProblem.objects.create(
            **own, code="phone", value=word, message=f"{word} isn't a phone number."
        ),
        "import_key": ImportKey.objects.create(**own, digest=1),
    }


def _texts(number: SenderNumber, text: SmsMessage, word: str) -> dict[str, Model]:
    own = {"organization": number.organization}
    recipient = Recipient.objects.create(**own, phone=MOBILE, capability="not_sms_capable")
    bulk = BulkSend.objects.create(
        **own, kind="send", state="ready", text=f"{word} bulk", query=f"{word} search", total=1
    )
    waiting = thread(text.lead)
    assert text.lead.owner
    return {
        "bulk": bulk,
        "bulk_item": BulkItem.objects.create(
            **own, bulk=bulk, position=0, state="waiting", lead=text.lead, name=f"{word} lead"
        ),
        "notification": Notification.objects.create(
            **own,
            user_id=text.lead.owner_id or 0,
            kind="failure",
            subject=text.pk,
            place=place_of(text.lead_id),
        ),
        "sender": number,
        "text_count": TextCount.objects.create(
            **own, span="day", day="2026-11-28", by="reason", value="spam", sender=number, failed=1
        ),
        "alert": Alert.objects.create(**own, cause="reason", subject="spam", since=text.created),
        "template": MessageTemplate.objects.create(
            **own, name=f"{word} template", text=f"{word} template"
        ),
        "message": text,
        "attempt": Attempt.objects.create(
            **own, message=text, carrier="sandbox", state=Attempt.State.UNCERTAIN
        ),
        "media_file": media_file(text, f"{word} card".encode(), name=f"{word}.vcf"),
        "unmatched_text": unmatched_text(number, text=f"{word} code", remote=OTHER_MOBILE),
        "thread": waiting,
        # Made by a trigger.
        "number_thread": Thread.objects.get(organization=number.organization_id, lead=None),
        "thread_visit": ThreadVisit.objects.create(
            **own, thread=waiting, user=text.lead.owner, seen=text.created
        ),
        "recipient": recipient,
        "opt_out": OptOut.objects.create(
            **own, recipient=recipient, source="wording", certain=False, words=f"{word} stop"
        ),
        "consent": Consent.objects.create(**own, recipient=recipient, method=f"{word} form"),
    }


def _requests(owner: User, number: SenderNumber, text: SmsMessage, word: str) -> dict[str, Model]:
    own = {"organization": owner.organization}
    request = SupportRequest.objects.create(
        **own, created_by=owner, sender=number, examples=f"{word} example"
    )
    event = SupportRequestEvent.objects.create(**own, request=request, old="draft", new="draft")
    return {
        "request": request,
        "request_message": SupportRequestMessage.objects.create(
            **own, request=request, message=text
        ),
        "request_event": event,
        "mail": Mail.objects.create(
            **own, request=request, event=event, to="ada@example.com", subject=f"{word} subject"
        ),
        "received_mail": ReceivedMail.objects.create(
            **own, request=request, user=owner, key=word, outcome="added"
        ),
        "evidence": evidence(request, owner, f"{word}.txt"),
        "whitelisting": Whitelisting.objects.create(
            **own, sender=number, request=request, carrier="sandbox"
        ),
    }
