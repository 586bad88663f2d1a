"""Write the mails about requests. Each is saved in the transaction of the change it reports."""

from dataclasses import dataclass, replace

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.urls import reverse

from smscenter.accounts.models import User
from smscenter.support.mail import reply_address
from smscenter.support.models import Mail, SupportRequest, SupportRequestEvent
from smscenter.support.models.history import record
from smscenter.support.models.states import State, is_reviewer

LONGEST_SUBJECT = 250
MOVES = {
    State.SUBMITTED: "{by} submitted your request to support.",
    State.MORE_INFORMATION: "Support has a question about your request:",
    State.SENT_TO_CARRIER: "Support sent your request to the carrier. The carrier makes the "
    "decision and doesn't give a date.",
    State.WHITELISTED: "The carrier whitelisted your number. Texts blocked earlier stay failed "
    "until you resend them from the request.",
    State.ANSWERED: "Support answered:",
    State.REFUSED: "Your request was refused. Reason:",
    State.WITHDRAWN: "{by} withdrew your request.",
}
SUBJECTS = {
    State.SUBMITTED: "Submitted: {about}",
    State.MORE_INFORMATION: "Action needed: a question about {about}",
    State.SENT_TO_CARRIER: "Sent to the carrier: {about}",
    State.WHITELISTED: "Whitelisted: {about}",
    State.ANSWERED: "Answered: {about}",
    State.REFUSED: "Refused: {about}",
    State.WITHDRAWN: "Withdrawn: {about}",
}
TO_ASSIGNEE = {
    State.SUBMITTED: "{by} submitted this request again.",
    State.WITHDRAWN: "{by} withdrew this request. There's nothing left to do.",
}
COMMENTED = "New comment: {about}"
EXPIRED = (
    "Your number's whitelisting has expired. If texts are blocked, request whitelisting again."
)
REVOKED = "Your number is no longer whitelisted. Reason:"


@dataclass(frozen=True)
class Letter:
    """The words of a mail. `subject` has a placeholder, and `note` is what a person wrote."""

    subject: str
    sentence: str
    note: str = ""


def about_move(support_request: SupportRequest, event: SupportRequestEvent) -> None:
    """Notify the requester of what others did, and the assignee of what a member did."""
    to = State(event.new)
    letter = Letter(SUBJECTS[to], MOVES[to].format(by=event.user), event.note)
    _notify(_requester(support_request), support_request, event, letter)
    if to in TO_ASSIGNEE:
        letter = replace(letter, sentence=TO_ASSIGNEE[to].format(by=event.user))
        _notify_assignee(support_request, event, letter)


def about_comment(support_request: SupportRequest, event: SupportRequestEvent) -> None:
    _notify_assignee(
        support_request, event, Letter(COMMENTED, f"{event.user} added a comment:", event.note)
    )


def about_reply(support_request: SupportRequest, event: SupportRequestEvent) -> None:
    letter = Letter("New reply: {about}", "Support wrote:", event.note)
    _notify(_requester(support_request), support_request, event, letter)


def about_refused_email(support_request: SupportRequest, person: User, why: str) -> None:
    """Notify a person that their email wasn't added to the request."""
    if not _can_read(person):
        return
    letter = Letter("Not added: {about}", f"We couldn't add an email to this request. {why}")
    page = reverse("review_detail", args=[support_request.pk]) if person.is_staff else ""
    _post(support_request, None, _mail(person, support_request, letter, page))


def about_revocation(
    support_request: SupportRequest, event: SupportRequestEvent, reason: str
) -> None:
    _notify(
        _requester(support_request),
        support_request,
        event,
        Letter("Whitelisting revoked: {about}", REVOKED, reason),
    )


def about_expiry(support_request: SupportRequest, event: SupportRequestEvent) -> None:
    _notify(
        _requester(support_request),
        support_request,
        event,
        Letter("Whitelisting expired: {about}", EXPIRED),
    )


def to_carrier(support_request: SupportRequest, by: User, mail: Mail) -> Mail:
    """Queue the packet that support staff send to the carrier."""
    return _post(support_request, by, mail)


def _notify(
    person: User | None,
    support_request: SupportRequest,
    event: SupportRequestEvent,
    letter: Letter,
    page: str = "",
) -> None:
    """Notify a person, unless they did it themselves. `page` defaults to the requester's page."""
    if person is not None and person != event.user and _can_read(person):
        _post(support_request, event.user, _mail(person, support_request, letter, page))


def _mail(person: User, support_request: SupportRequest, letter: Letter, page: str) -> Mail:
    url = settings.PUBLIC_URL + (page or support_request.get_absolute_url())
    context = {
        "person": person,
        "support_request": support_request,
        "about": _about(support_request),
        "letter": letter,
        "url": url,
        "takes_replies": reply_address.is_set(),
    }
    return Mail(
        to=person.email,
        reply_to=reply_address.of(person, support_request),
        subject=letter.subject.format(about=_about(support_request)),
        text=render_to_string("support/mail/letter.txt", context),
        html=render_to_string("support/mail/letter.html", context),
    )


def _notify_assignee(
    support_request: SupportRequest, event: SupportRequestEvent, letter: Letter
) -> None:
    """Notify the assignee, or who decided if nobody is assigned."""
    person = support_request.assignee or support_request.decided_by
    if person is not None and is_reviewer(person):
        page = reverse("review_detail", args=[support_request.pk])
        _notify(person, support_request, event, letter, page)


def _requester(support_request: SupportRequest) -> User | None:
    """Return the requester, or a manager if the requester left."""
    if support_request.created_by is not None and _can_read(support_request.created_by):
        return support_request.created_by
    members = User.objects.filter(organization=support_request.organization_id, is_active=True)
    managers = members.filter(role=User.Role.MANAGER).order_by("pk")
    return next(filter(_can_read, managers), None)


def _can_read(user: User) -> bool:
    try:
        validate_email(user.email)
    except ValidationError:
        return False
    return user.is_active


def _about(support_request: SupportRequest) -> str:
    """Return whose request it is, and its subject or the number that it's for."""
    about = support_request.subject
    if not about and support_request.sender:
        about = str(support_request.sender.number)
    about = about or f"request {support_request.pk}"
    return f"{about} ({support_request.organization})"


def _post(support_request: SupportRequest, by: User | None, mail: Mail) -> Mail:
    # A header is one line: what people type must not add another one.
    mail.subject = " ".join(mail.subject.split())[:LONGEST_SUBJECT]
    mail.organization_id, mail.request = support_request.organization_id, support_request
    note = f"To {mail.to}: {mail.subject}"
    mail.event = record(support_request, SupportRequestEvent.Kind.MAIL, by, note, internal=True)
    mail.save()
    return mail
