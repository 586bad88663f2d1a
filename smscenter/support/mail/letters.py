"""Notify requesters and assignees of what happened to a request, and keep what's mailed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from smscenter.accounts.models import MANAGING_ROLES, User
from smscenter.mail_queue import one_line
from smscenter.notifications.kinds import Description, Mailing
from smscenter.notifications.mails import is_reachable, mailing_about
from smscenter.notifications.models import Notification
from smscenter.notifications.notify import notify
from smscenter.support.mail import reply_address
from smscenter.support.models import Mail, SupportRequest, SupportRequestEvent
from smscenter.support.models.history import record
from smscenter.support.models.states import State, is_reviewer

# Kinds of notifications. The last one is for support staff.
QUESTION, DECISION, UPDATE = "question", "decision", "request_update"
REVOKED, EXPIRED, ASSIGNED = "revoked", "expired", "assigned"
KINDS = {
    State.MORE_INFORMATION: QUESTION,
    State.WHITELISTED: DECISION,
    State.ANSWERED: DECISION,
    State.REFUSED: DECISION,
}
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
EXPIRED_WORDS = (
    "Your number's whitelisting has expired. If texts are blocked, request whitelisting again."
)
REVOKED_WORDS = "Your number is no longer whitelisted. Reason:"


@dataclass(frozen=True)
class Letter:
    """The words of a notification. `subject` has a placeholder; `note` is what a person wrote."""

    subject: str
    sentence: str
    note: str = ""


def about_move(support_request: SupportRequest, event: SupportRequestEvent) -> None:
    """Notify the requester of what others did, and the assignee of what a member did."""
    to = State(event.new)
    _notify_requester(support_request, event, KINDS.get(to, UPDATE))
    if to in TO_ASSIGNEE:
        _notify_assignee(support_request, event)


def about_comment(support_request: SupportRequest, event: SupportRequestEvent) -> None:
    _notify_assignee(support_request, event)


def about_reply(support_request: SupportRequest, event: SupportRequestEvent) -> None:
    _notify_requester(support_request, event, UPDATE)


def about_refused_email(support_request: SupportRequest, person: User, why: str) -> None:
    """Email a person that their email wasn't added to the request."""
    if not is_reachable(person):
        return
    url = support_request.get_absolute_url()
    if person.is_staff:
        url = reverse("review_detail", args=[support_request.pk])
    words = Description(
        f"We couldn't add an email to this request. {why}",
        url,
        subject=f"Not added: {_about_of_organization(support_request)}",
        reply_to=reply_address.of(person.pk, support_request),
    )
    _post_mailing(support_request, None, mailing_about(person, words))


def about_revocation(support_request: SupportRequest, event: SupportRequestEvent) -> None:
    _notify_requester(support_request, event, REVOKED)


def about_expiry(support_request: SupportRequest, event: SupportRequestEvent) -> None:
    _notify_requester(support_request, event, EXPIRED)


def to_carrier(support_request: SupportRequest, by: User, mail: Mail) -> Mail:
    """Queue the packet that support staff send to the carrier."""
    return _post(support_request, by, mail)


def keep_mail(row: Notification, mailing: Mailing) -> None:
    """Queue an email about a request, and record it in the request's history."""
    event = SupportRequestEvent.objects.select_related("request", "user").get(pk=row.subject)
    _post_mailing(event.request, event.user, mailing)


def place_of(support_request: SupportRequest) -> str:
    """Return the place of notifications that are read on the page of a request."""
    return f"request:{support_request.pk}"


def describe(rows: Sequence[Notification]) -> Mapping[int, Description]:
    events = SupportRequestEvent.objects.select_related(
        "user", "request__organization", "request__sender", "request__whitelisting"
    ).in_bulk({row.subject for row in rows})
    return {row.pk: _description(row, events[row.subject]) for row in rows if row.subject in events}


def _description(row: Notification, event: SupportRequestEvent) -> Description:
    support_request, letter = event.request, _letter(row, event)
    subject = letter.subject.format(about=_about_of_organization(support_request))
    if row.kind == ASSIGNED:
        sentence, url = subject, reverse("review_detail", args=[support_request.pk])
    else:
        sentence = letter.subject.format(about=_about(support_request))
        url = support_request.get_absolute_url()
    return Description(
        sentence,
        url,
        note=letter.note,
        subject=subject,
        details=letter.sentence,
        reply_to=reply_address.of(row.user_id, support_request),
    )


def _letter(row: Notification, event: SupportRequestEvent) -> Letter:
    if row.kind == REVOKED:
        whitelisting = event.request.whitelisting
        return Letter("Whitelisting revoked: {about}", REVOKED_WORDS, whitelisting.revocation)
    if row.kind == EXPIRED:
        return Letter("Whitelisting expired: {about}", EXPIRED_WORDS)
    if event.kind == SupportRequestEvent.Kind.REPLY:
        return Letter("New reply: {about}", "Support wrote:", event.note)
    if event.kind != SupportRequestEvent.Kind.MOVE:
        return Letter(COMMENTED, f"{event.user} added a comment:", event.note)
    to = State(event.new)
    sentences = TO_ASSIGNEE if row.kind == ASSIGNED else MOVES
    return Letter(SUBJECTS[to], sentences[to].format(by=event.user), event.note)


def _notify_requester(
    support_request: SupportRequest, event: SupportRequestEvent, kind: str
) -> None:
    _notify(kind, _requesters(support_request), support_request, event)


def _notify_assignee(support_request: SupportRequest, event: SupportRequestEvent) -> None:
    """Notify the assignee, or who decided if nobody is assigned."""
    person = support_request.assignee or support_request.decided_by
    if person is not None and is_reviewer(person):
        _notify(ASSIGNED, [person], support_request, event)


def _notify(
    kind: str, people: Iterable[User], support_request: SupportRequest, event: SupportRequestEvent
) -> None:
    """Notify these people, unless they did it themselves."""
    notify(
        kind,
        [person.pk for person in people if person != event.user],
        organization=support_request.organization_id,
        subject=event.pk,
        place=place_of(support_request),
    )


def _requesters(support_request: SupportRequest) -> list[User]:
    """Return the requester, and a manager if the requester left or can't be mailed."""
    requester = support_request.created_by
    if requester is not None and is_reachable(requester):
        return [requester]
    members = User.objects.filter(organization=support_request.organization_id, is_active=True)
    managers = members.filter(role__in=MANAGING_ROLES).order_by("pk")
    manager = next(filter(is_reachable, managers), None)
    return [person for person in (requester, manager) if person is not None]


def _about(support_request: SupportRequest) -> str:
    """Return the subject of a question, or the number that a whitelist request is for."""
    if support_request.subject:
        return support_request.subject
    return (
        str(support_request.sender.number)
        if support_request.sender
        else f"request {support_request.pk}"
    )


def _about_of_organization(support_request: SupportRequest) -> str:
    return f"{_about(support_request)} ({support_request.organization})"


def _post_mailing(support_request: SupportRequest, by: User | None, mailing: Mailing) -> None:
    mail = Mail(
        to=mailing.to,
        reply_to=mailing.reply_to,
        subject=mailing.subject,
        text=mailing.text,
        html=mailing.html,
    )
    _post(support_request, by, mail)


def _post(support_request: SupportRequest, by: User | None, mail: Mail) -> Mail:
    mail.subject = one_line(mail.subject)
    mail.organization_id, mail.request = support_request.organization_id, support_request
    note = f"To {mail.to}: {mail.subject}"
    mail.event = record(support_request, SupportRequestEvent.Kind.MAIL, by, note, internal=True)
    mail.save()
    return mail
