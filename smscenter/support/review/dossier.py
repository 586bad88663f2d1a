"""All that is known about a request, for the one page on which it is decided."""

from dataclasses import dataclass, field
from functools import cached_property

from leads.phones import Phone
from messaging.models import Recipient, SmsMessage
from messaging.models.reason import Reason
from smscenter.support.models import SupportRequest, SupportRequestEvent, Whitelisting
from smscenter.support.requests import outcomes
from smscenter.support.requests.outcomes import Effect, Outcome
from smscenter.support.review.packet import Packet, packet_of

MOST_MESSAGES = 50
MOST_EARLIER = 10
MOST_EVENTS = 200


@dataclass(frozen=True)
class Receiver:
    """Somebody whom the request's texts went to."""

    phone: Phone
    recipient: Recipient | None


@dataclass(frozen=True)
class Dossier:
    """Each part is read when the page asks for it, in a fixed number of queries."""

    support_request: SupportRequest
    packet: Packet = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "packet", packet_of(self.support_request))

    @cached_property
    def messages(self) -> list[SmsMessage]:
        rows = self.support_request.messages.prefetch_related("attempts").order_by(
            "-created", "-id"
        )
        return list(rows[:MOST_MESSAGES])

    @cached_property
    def receivers(self) -> list[Receiver]:
        phones = sorted({message.remote_phone for message in self.messages})
        rows = Recipient.objects.prefetch_related("consents")
        known = rows.known(self.support_request.organization, phones)
        return [Receiver(Phone(phone), known.get(phone)) for phone in phones]

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
        """Other requests of the same number, the newest first."""
        if self.support_request.sender is None:
            return []
        rows = SupportRequest.objects.submitted().exclude(pk=self.support_request.pk)
        rows = rows.filter(
            organization=self.support_request.organization_id, sender=self.support_request.sender
        )
        return list(rows.order_by("-created", "-id")[:MOST_EARLIER])

    @cached_property
    def events(self) -> list[SupportRequestEvent]:
        """Its whole history with the mails, the newest of a very long one."""
        rows = self.support_request.events.select_related("user", "mail").order_by(
            "-created", "-id"
        )
        return list(reversed(rows[:MOST_EVENTS]))

    @cached_property
    def whitelisting(self) -> Whitelisting | None:
        rows = Whitelisting.objects.select_related("sender", "request", "revoked_by")
        return rows.filter(request=self.support_request).first()

    @cached_property
    def effect(self) -> Effect | None:
        return outcomes.effect(self.whitelisting) if self.whitelisting else None
