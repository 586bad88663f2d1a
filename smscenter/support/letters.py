"""What is written to people about a request: each letter is a row, in the change's transaction."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.template.loader import render_to_string

from smscenter.accounts.models import User
from smscenter.support.models.event import RequestEvent
from smscenter.support.models.mail import Mail
from smscenter.support.states import State

if TYPE_CHECKING:
    from smscenter.support.models.request import Request

LONGEST_SUBJECT = 250
MOVES = {
    State.SUBMITTED: "{by} sent it to support.",
    State.MORE_INFORMATION: "Support needs to know more before it can go on. Please answer:",
    State.SENT_TO_CARRIER: "Support passed it on to the carrier. The carrier decides, and does not "
    "say when.",
    State.WHITELISTED: "The carrier whitelisted your number. Texts that were blocked before stay "
    "failed until you try them again: the page of the request lists them.",
    State.ANSWERED: "Support answered:",
    State.REFUSED: "It was refused. The reason:",
    State.WITHDRAWN: "{by} withdrew it.",
}
EXPIRED = (
    "The time for which your number was whitelisted is over. If texts are blocked again, ask again."
)
REVOKED = "Your number is not whitelisted any more. The reason:"


def about_move(asked: "Request", event: RequestEvent) -> Mail | None:
    """Tell the requester what somebody else did."""
    to = State(event.new)
    sentence = MOVES[to].format(by=event.user)
    return _tell_requester(asked, event, to.label.lower(), sentence, event.note)


def about_revocation(asked: "Request", event: RequestEvent, reason: str) -> Mail | None:
    return _tell_requester(asked, event, "whitelisting revoked", REVOKED, reason)


def about_expiry(asked: "Request", event: RequestEvent) -> Mail | None:
    return _tell_requester(asked, event, "whitelisting expired", EXPIRED, "")


def to_carrier(asked: "Request", by: User, mail: Mail) -> Mail:
    """The packet, as somebody of the support staff sends it off."""
    return _post(asked, by, mail)


def link_to(asked: "Request") -> str:
    """As people reach us, whatever address the process itself has."""
    return f"{settings.PUBLIC_URL}{asked.get_absolute_url()}"


def _tell_requester(
    asked: "Request", event: RequestEvent, what: str, sentence: str, note: str
) -> Mail | None:
    requester = asked.created_by
    if requester is None or requester == event.user or not _can_read(requester):
        return None
    context = {
        "requester": requester,
        "asked": asked,
        "sentence": sentence,
        "note": note,
        "url": link_to(asked),
    }
    mail = Mail(
        to=requester.email,
        subject=f"{_name(asked)}: {what}",
        text=render_to_string("support/mail/letter.txt", context),
        html=render_to_string("support/mail/letter.html", context),
    )
    return _post(asked, event.user, mail)


def _can_read(user: User) -> bool:
    try:
        validate_email(user.email)
    except ValidationError:
        return False
    return user.is_active


def _name(asked: "Request") -> str:
    return f"{asked.subject} (request {asked.pk})" if asked.subject else f"Request {asked.pk}"


def _post(asked: "Request", by: User | None, mail: Mail) -> Mail:
    # A header is one line: what people type must not begin another one.
    mail.subject = " ".join(mail.subject.split())[:LONGEST_SUBJECT]
    mail.organization_id, mail.request = asked.organization_id, asked
    note = f"To {mail.to}: {mail.subject}"
    mail.event = asked.record(RequestEvent.Kind.MAIL, by, note, internal=True)
    mail.save()
    return mail
