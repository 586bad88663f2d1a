"""Collect everything about a request for the page where support decides."""

from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Prefetch

from leads.phones import Phone
from messaging.models import Consent, Recipient, SmsMessage
from messaging.models.reason import Reason
from smscenter.support.models import SupportRequest, SupportRequestEvent, Whitelisting
from smscenter.support.requests import outcomes
from smscenter.support.requests.outcomes import Effect, Outcome
from smscenter.support.review.packet import Packet, packet_of

MOST_MESSAGES = 50
MOST_EARLIER = 10
MOST_EVENTS = 200


@dataclass(frozen=True)
class TextedRecipient:
    """A number that texts of the request went to, with what's known about it."""

    phone: Phone
    recipient: Recipient | None

    @property
    def consents(self) -> list[Consent]:
        return list(self.recipient.consents.all()) if self.recipient else []


@dataclass(frozen=True)
class Dossier:
    """Everything about a request. Each part is read on first use, in a fixed number of queries."""

    support_request: SupportRequest
    packet: Packet = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "packet", packet_of(self.support_request))

    @cached_property
    def messages(self) -> list[SmsMessage]:
        organization = self.support_request.organization_id
        rows = self.support_request.messages.filter(organization=organization)
        rows = rows.prefetch_related("attempts").order_by("-created", "-id")
        return list(rows[:MOST_MESSAGES])

    @property
    def carrier_ids(self) -> str:
        """Return the carrier's IDs of all attempts, one a line."""
        attempts = [attempt for message in self.messages for attempt in message.attempts.all()]
        return "\n".join(attempt.carrier_id for attempt in attempts if attempt.carrier_id)

    @cached_property
    def recipients(self) -> list[TextedRecipient]:
        phones = sorted({message.remote_phone for message in self.messages})
        consents = Prefetch("consents", Consent.objects.current())
        rows = Recipient.objects.prefetch_related(consents)
        known = rows.known(self.support_request.organization, phones)
        return [TextedRecipient(Phone(phone), known.get(phone)) for phone in phones]

    @cached_property
    def failures(self) -> list[tuple[Reason, int]]:
        return outcomes.failures(self.support_request.sender) if self.support_request.sender else []

    @cached_property
    def others(self) -> Outcome | None:
        return (
            outcomes.of_others(self.support_request.sender) if self.support_request.sender else None
        )

    @cached_property
    def earlier(self) -> list[SupportRequest]:
        """Return other requests for the same number, newest first."""
        if self.support_request.sender is None:
            return []
        rows = SupportRequest.objects.submitted().exclude(pk=self.support_request.pk)
        rows = rows.filter(
            organization=self.support_request.organization_id, sender=self.support_request.sender
        )
        return list(rows.order_by("-created", "-id")[:MOST_EARLIER])

    @cached_property
    def events(self) -> list[SupportRequestEvent]:
        """Return the history with mails. A very long one starts at its newest entries."""
        rows = self.support_request.events.select_related("user", "mail").order_by(
            "-created", "-id"
        )
        return list(reversed(rows[:MOST_EVENTS]))

    @property
    def history(self) -> list[SupportRequestEvent]:
        """Return the events except for internal notes, which have their own place."""
        return [event for event in self.events if not event.is_internal_note]

    @property
    def notes(self) -> list[SupportRequestEvent]:
        """Return the internal notes, newest first."""
        return [event for event in reversed(self.events) if event.is_internal_note]

    @cached_property
    def whitelisting(self) -> Whitelisting | None:
        rows = Whitelisting.objects.select_related("sender", "request", "revoked_by")
        return rows.filter(request=self.support_request).first()

    @cached_property
    def effect(self) -> Effect | None:
        return outcomes.effect(self.whitelisting) if self.whitelisting else None
