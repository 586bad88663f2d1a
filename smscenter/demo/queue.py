"""The review queue of the demo: requests of both organizations, each with its story."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.db.models import F, QuerySet
from django.utils import timezone

from search.models import SavedView
from smscenter.accounts.models import User
from smscenter.demo.organizations import Cast
from smscenter.demo.requests import BUSINESS
from smscenter.notifications.mails import write_due
from smscenter.notifications.notify import SEEN_WITHIN
from smscenter.support.models import (
    Mail,
    SavedReply,
    SupportRequest,
    SupportRequestEvent,
    Whitelisting,
)
from smscenter.support.models.states import State
from smscenter.support.requests.comments import add_comment, reply
from smscenter.support.requests.moves import move
from smscenter.support.review.actions import add_note, assign

BRIGHTSIDE = {
    "website": "https://brightside.example",
    "content_type": "Appointment reminders",
    "examples": "Hi Lee, Brightside Energy will be there on Tuesday at 10. Reply STOP to opt out.",
    "relationship": "Customers who booked an appointment.",
    "opt_in_method": "Our booking form",
    "opt_in_page": "",
    "opt_out_wording": "",
    "volume": 800,
}
VIEWS = [
    ("Unassigned", "state:submitted assignee:none"),
    ("Mine", "state:open assignee:me"),
    ("Overdue", "overdue:yes"),
    ("Info requested", "state:more_information"),
    ("With the carrier", "state:sent_to_carrier"),
]
REPLIES = {
    "Ask for the opt-in page": "Hi {{ requester.first_name }}, please send us a screenshot of the "
    "page where people agree to get texts from {{ number }}.",
    "Full links": "Hi {{ requester.first_name }}, carriers block shortened links. Can you use the "
    "address of your own website instead, and send us the new wording?",
    "Sent to the carrier": "We sent your request for {{ number }} to {{ carrier }}. It makes the "
    "decision and doesn't give a date. We'll write as soon as we hear back.",
    "Who agreed, and where": "Who did you text from {{ number }}, and where did they agree to it?",
}
Step = tuple[float, Callable[[], object]]


def create(cast: Cast, rival: Cast) -> None:
    """Create what support works with, and the requests of the other organization."""
    support, colleague = (User.objects.get(username=name) for name in ("support", "lena"))
    for name, text in REPLIES.items():
        SavedReply.objects.create(name=name, text=text)
    for position, (name, query) in enumerate(VIEWS, start=1):
        view = SavedView.of("request", support)
        view.name, view.query, view.shared, view.position = name, query, True, position
        view.save()
    _blocked_reminders(rival, support, colleague)
    _open_questions(rival)
    _at_the_carrier(rival, support, colleague)
    rows = SupportRequest.objects.filter(organization=cast.organization)
    for hours, support_request in zip((17, 30, 300, 0, 200), rows.order_by("pk"), strict=False):
        _shift(support_request, timedelta(hours=hours))
    # Otherwise the first worker would send these.
    write_due(timezone.now() + SEEN_WITHIN)
    Mail.objects.update(state=Mail.State.SENT, sent=F("created"))


def _blocked_reminders(rival: Cast, support: User, colleague: User) -> None:
    quinn, request = (
        rival.rep,
        _question(
            rival,
            "Reminders stopped arriving on Friday",
            "None of our appointment reminders from Friday got a reply. Is something blocked?",
        ),
    )
    _happened(
        request,
        (50, lambda: move(request, State.SUBMITTED, quinn)),
        (49, lambda: assign(request, support, support)),
        (46, lambda: reply(request, support, "Thanks, Quinn. We're checking with the carrier.")),
        (28, lambda: add_note(request, colleague, "Same carrier as last month. Ask for the IDs.")),
        (5, lambda: add_comment(request, quinn, "It happened again this morning, twice.")),
    )


def _open_questions(rival: Cast) -> None:
    quinn = rival.rep
    for hours, subject, body in (
        (26, "Can customers in Canada reply?", "We have two customers in Toronto."),
        (3, "How do we change our company name?", "It's “Brightside Energy Inc.” since October."),
    ):
        request = _question(rival, subject, body)
        _happened(request, (hours, partial(move, request, State.SUBMITTED, quinn)))


def _at_the_carrier(rival: Cast, support: User, colleague: User) -> None:
    quinn = rival.rep
    request = SupportRequest.objects.create(
        organization=rival.organization,
        created_by=quinn,
        sender=rival.main,
        **BUSINESS | BRIGHTSIDE,
    )
    ask = "Hi Quinn, where do people agree to get texts from (312) 555-0111?"
    tell = "On the last page of the booking form, with a checkbox."
    _happened(
        request,
        (122, lambda: move(request, State.SUBMITTED, quinn)),
        (119, lambda: assign(request, colleague, colleague)),
        (118, lambda: move(request, State.MORE_INFORMATION, colleague, ask)),
        (96, lambda: move(request, State.SUBMITTED, quinn, tell)),
        (94, lambda: move(request, State.SENT_TO_CARRIER, colleague, ticket="SB-48213")),
        (20, lambda: add_note(request, support, "Called: they want another day.")),
    )


def _question(cast: Cast, subject: str, body: str) -> SupportRequest:
    return SupportRequest.objects.create(
        organization=cast.organization,
        created_by=cast.rep,
        kind=SupportRequest.Kind.OTHER,
        subject=subject,
        body=body,
    )


def _happened(support_request: SupportRequest, *steps: Step) -> None:
    """Take each step so many hours ago."""
    for hours, take in steps:
        known = set(support_request.events.values_list("pk", flat=True))
        before = SupportRequest.objects.get(pk=support_request.pk)
        take()
        new = support_request.events.exclude(pk__in=known)
        _set_back(new, timedelta(hours=hours))
        row = SupportRequest.objects.get(pk=support_request.pk)
        changes = {
            name: getattr(row, name) - timedelta(hours=hours)
            for name in ("submitted", "first_answered", "decided")
            if getattr(row, name) != getattr(before, name)
        }
        if "submitted" in changes and before.submitted is None:
            changes["created"] = changes["submitted"]
        _update(support_request, changes)


def _set_back(events: QuerySet[SupportRequestEvent], by: timedelta) -> None:
    Mail.objects.filter(event__in=events).update(created=F("created") - by)
    events.update(created=F("created") - by)


def _shift(support_request: SupportRequest, by: timedelta) -> None:
    """Let everything about a request have happened earlier."""
    _set_back(support_request.events.all(), by)
    names = ("created", "submitted", "first_answered", "decided")
    row = SupportRequest.objects.get(pk=support_request.pk)
    _update(row, {name: getattr(row, name) - by for name in names if getattr(row, name)})
    Whitelisting.objects.filter(request=row).update(granted=F("granted") - by)


def _update(support_request: SupportRequest, changes: dict[str, datetime]) -> None:
    SupportRequest.objects.filter(pk=support_request.pk).update(**changes)
    support_request.refresh_from_db()
