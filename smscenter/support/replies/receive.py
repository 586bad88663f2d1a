"""Add a reply by email to the request that it belongs to.

The address that it was sent to proves that it answers one of our emails, and whose. It's only
added if it comes from that person's own address. Nobody else gets a response, so strangers can't
find out who has an account. Automatic replies are ignored, and a request takes a few emails an
hour, so two machines can't keep each other busy.
"""

from datetime import timedelta

import structlog
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from smscenter.accounts.models import User
from smscenter.support.mail import letters, reply_address
from smscenter.support.models import ReceivedMail, SupportRequest
from smscenter.support.models.history import record_edit
from smscenter.support.models.states import LONGEST_NOTE, MoveError, State, clean, is_reviewer
from smscenter.support.replies import attachments, message
from smscenter.support.replies.attachments import Taken
from smscenter.support.replies.message import ReceivedMessage
from smscenter.support.requests.comments import add_comment, reply
from smscenter.support.requests.evidence import add_evidence
from smscenter.support.requests.moves import move

log = structlog.get_logger(__name__)

MOST_AN_HOUR = 20
SHORTENED = "\n\n[The email is longer. It was shortened.]"
EMPTY = "It had no text above the quoted email."
READ_ONLY = "You have read-only access, so you can't reply."
Outcome = ReceivedMail.Outcome


def receive(raw: bytes) -> Outcome | None:
    """Process a mail, once. Return None if it's ignored. Raise UnreadableError."""
    mail = message.read(raw)
    target = next(filter(None, map(reply_address.read, mail.recipients)), None)
    if mail.is_automatic or target is None:
        log.info("mail_ignored", automatic=mail.is_automatic)
        return None
    support_request = SupportRequest.objects.submitted().filter(pk=target[0]).first()
    person = User.objects.filter(pk=target[1], is_active=True).first()
    if support_request is None or person is None or not _may_write(person, support_request):
        log.info("mail_ignored", automatic=False)
        return None
    outcome = _process(mail, support_request, person)
    log.info("mail_received", request=support_request.pk, outcome=outcome)
    return outcome


def _may_write(person: User, support_request: SupportRequest) -> bool:
    return _is_member(person, support_request) or is_reviewer(person)


def _is_member(person: User, support_request: SupportRequest) -> bool:
    return person.organization_id == support_request.organization_id


def _process(
    mail: ReceivedMessage, support_request: SupportRequest, person: User
) -> Outcome | None:
    if not _is_new(mail, support_request):
        return None  # before its files are inspected
    is_own = bool(mail.sender) and mail.sender == person.email.lower()
    takes_files = is_own and _is_member(person, support_request)
    taken = attachments.inspect(mail.attached if takes_files else [])
    with transaction.atomic():
        row = support_request.lock()
        if not _is_new(mail, row):
            return None
        outcome = _add(mail, row, person, taken, is_own=is_own)
        ReceivedMail.objects.create(
            organization_id=row.organization_id,
            request=row,
            user=person,
            key=mail.key,
            outcome=outcome,
        )
    return outcome


def _is_new(mail: ReceivedMessage, support_request: SupportRequest) -> bool:
    """Return whether it wasn't processed yet, and the request hasn't got too many."""
    rows = ReceivedMail.objects.filter(request=support_request)
    since = timezone.now() - timedelta(hours=1)
    is_known = rows.filter(key=mail.key).exists()
    return not is_known and rows.filter(received__gte=since).count() < MOST_AN_HOUR


def _add(
    mail: ReceivedMessage, row: SupportRequest, person: User, taken: Taken, *, is_own: bool
) -> Outcome:
    """Add the mail, or notify the person why not."""
    why = _refusal(mail, row, person, taken) if is_own else _from_another(mail.sender)
    if why:
        letters.about_refused_email(row, person, why)
    return Outcome.REFUSED if why else Outcome.ADDED


def _refusal(mail: ReceivedMessage, row: SupportRequest, person: User, taken: Taken) -> str:
    """Add the mail. Return why that isn't possible, or an empty string."""
    if person.is_read_only:
        return READ_ONLY
    try:
        with transaction.atomic():
            _write(mail, row, person, attachments.fit(row, taken))
    except MoveError as error:
        return str(error)
    return ""


def _from_another(sender: str) -> str:
    try:
        validate_email(sender)
    except ValidationError:
        sender = "another address"
    return f"It came from {sender}. Reply from this address, or open the request."


def _write(mail: ReceivedMessage, row: SupportRequest, person: User, taken: Taken) -> None:
    note = _note(mail.text, taken)
    if not note and not taken.uploads:
        raise MoveError(EMPTY)
    if not _is_member(person, row):
        reply(row, person, note)
        return
    if taken.uploads:
        add_evidence(row, taken.uploads, person)
        record_edit(row, person, [upload.name for upload in taken.uploads])
    if row.status is State.MORE_INFORMATION:
        move(row, State.SUBMITTED, person, note)
    else:
        add_comment(row, person, note or "Attached by email.")


def _note(text: str, taken: Taken) -> str:
    """Return the text as long as a note can be, with what wasn't added."""
    left_out = f"\n\n[Not added: {', '.join(taken.left_out)}]"[:500] if taken.left_out else ""
    text, room = clean(text), LONGEST_NOTE - len(left_out)
    if len(text) > room:
        text = text[: room - len(SHORTENED)] + SHORTENED
    return (text + left_out).strip()
