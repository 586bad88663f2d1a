"""Register what support adds to search, the lead page, texts, sender numbers, and the worker."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from leads.page import ActivityKind, Panel, activities, cards
from messaging.deliverability.around import whitelistings
from messaging.marks import Mark, marks
from messaging.senders.sender_facts import sender_facts
from search.words.vocabulary import vocabularies
from smscenter.accounts.destinations import Destination, destinations, is_anyone
from smscenter.accounts.home import Section, sections
from smscenter.accounts.models import Organization
from smscenter.accounts.overview import panels as overview_panels
from smscenter.exports.tables import Table, tables
from smscenter.jobs import Job, jobs
from smscenter.notifications.kinds import Kind, MailChoice, kinds
from smscenter.retention import EVERY
from smscenter.support import (
    audited,  # noqa: F401 - what the audit log records
    erasing,  # noqa: F401 - what is erased of a person
    home,
    lead_card,
    number_facts,
    overview,
    retention,
)
from smscenter.support.mail import letters, outbox
from smscenter.support.models import (
    Evidence,
    SupportRequest,
    SupportRequestEvent,
    SupportRequestMessage,
    Whitelisting,
)
from smscenter.support.models.states import is_reviewer
from smscenter.support.requests.whitelistings import granted_since, notify_expired
from smscenter.support.review import carrier_lists
from smscenter.support.vocabulary import requests  # which also adds a flag to leads

vocabularies.register(requests)


def _register(name: str, label: str, **options: Any) -> None:
    """Register a kind of notification about requests. Each is mailed alone, and at once."""
    kinds.register(
        Kind(
            name,
            label,
            "shield-check",
            letters.describe,
            too_many="More than 100 changes of requests in an hour",
            mail=MailChoice.EACH,
            desktop=True,
            keep_mail=letters.keep_mail,
            **{"all_page": "request_list"} | options,
        )
    )


_register(letters.QUESTION, "Questions from support")
_register(letters.DECISION, "Decisions on your requests")
_register(letters.REVOKED, "Revoked whitelistings", settings_of=letters.DECISION)
_register(letters.EXPIRED, "Expired whitelistings", settings_of=letters.DECISION)
_register(letters.UPDATE, "Other changes to your requests")
_register(
    letters.ASSIGNED,
    "Replies and comments on requests assigned to you",
    all_page="review_queue",
    is_for=is_reviewer,
)
destinations.register(Destination("request_list", "Requests", "shield-check", key="r", place=50))
destinations.register(
    Destination("review_queue", "Review", "inbox-stack", key="q", place=60, is_for=is_reviewer)
)
destinations.register(Destination("help_index", "Help", "lifebuoy", place=90, is_for=is_anyone))
destinations.register(
    Destination("whitelist_request", "Request whitelisting", "shield-exclamation")
)
destinations.register(
    Destination("saved_reply_list", "Saved replies", "chat-bubble-left-right", is_for=is_reviewer)
)
destinations.register(
    Destination("contact_support", "Contact support", "chat-bubble-oval-left-ellipsis")
)
sections.register(
    Section(
        "your-turn",
        "Your turn",
        "No requests are waiting for you.",
        "support/_home_request.html",
        home.your_turn,
        place=30,
        in_side=True,
    )
)
activities.register(
    ActivityKind(
        name="request",
        rows=SupportRequest.objects.about_lead,
        template="support/_activity.html",
        version=lambda support_request: str(support_request.state),
        author=lambda support_request: support_request.created_by_id,
        may_exist=lead_card.has_requests,
        is_prepared=True,
    )
)
cards.register(Panel("support/_lead_requests.html", lead_card.requests_about))
marks.register(
    Mark(
        prefetch=lambda: Prefetch(
            "support_requests", SupportRequest.objects.submitted(), to_attr="submitted_requests"
        ),
        template="support/_mark.html",
        is_shown=lambda message: bool(getattr(message, "submitted_requests", ())),
        may_exist=lead_card.has_requests,
    )
)
overview_panels.register(overview.PANEL)
sender_facts.register(number_facts.facts)
whitelistings.register(granted_since)

jobs.register(Job(outbox.send_due, every=1))
jobs.register(Job(notify_expired, every=60))
jobs.register(Job(carrier_lists.sync_allowlists, every=1))
jobs.register(Job(retention.delete_abandoned_drafts, every=EVERY))
jobs.register(Job(retention.forget_feedback_clients, every=EVERY))
jobs.register(Job(retention.forget_received_mails, every=EVERY))
for table, model in {
    "requests": SupportRequest,
    "request_messages": SupportRequestMessage,
    "request_files": Evidence,
    "whitelistings": Whitelisting,
}.items():
    tables.register(Table(table, model))


def _events_for_members(organization: Organization) -> QuerySet[SupportRequestEvent]:
    rows = SupportRequestEvent.objects.visible_in(organization.pk)
    return rows.filter(internal=False)


tables.register(Table("request_events", SupportRequestEvent, rows=_events_for_members))
