"""All that is known about a request, for the one page on which it is decided."""

from dataclasses import dataclass, field
from functools import cached_property

from leads.phones import Phone
from messaging.models import Recipient, SmsMessage
from messaging.models.reason import Reason
from smscenter.support.models import Request, RequestEvent, Whitelisting
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

    asked: Request
    packet: Packet = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "packet", packet_of(self.asked))

    @cached_property
    def messages(self) -> list[SmsMessage]:
        rows = self.asked.messages.prefetch_related("attempts").order_by("-created", "-id")
        return list(rows[:MOST_MESSAGES])

    @cached_property
    def receivers(self) -> list[Receiver]:
        phones = sorted({message.remote_phone for message in self.messages})
        rows = Recipient.objects.prefetch_related("consents")
        known = rows.known(self.asked.organization, phones)
        return [Receiver(Phone(phone), known.get(phone)) for phone in phones]

    @cached_property
    def failures(self) -> list[tuple[Reason, int]]:
        return outcomes.failures(self.asked.sender) if self.asked.sender else []

    @cached_property
    def others(self) -> Outcome | None:
        return outcomes.of_others(self.asked.sender) if self.asked.sender else None

    @cached_property
    def earlier(self) -> list[Request]:
        """Other requests of the same number, the newest first."""
        if self.asked.sender is None:
            return []
        rows = Request.objects.submitted().exclude(pk=self.asked.pk)
        rows = rows.filter(organization=self.asked.organization_id, sender=self.asked.sender)
        return list(rows.order_by("-created", "-id")[:MOST_EARLIER])

    @cached_property
    def events(self) -> list[RequestEvent]:
        """Its whole history with the mails, the newest of a very long one."""
        rows = self.asked.events.select_related("user", "mail").order_by("-created", "-id")
        return list(reversed(rows[:MOST_EVENTS]))

    @cached_property
    def whitelisting(self) -> Whitelisting | None:
        rows = Whitelisting.objects.select_related("sender", "request", "revoked_by")
        return rows.filter(request=self.asked).first()

    @cached_property
    def effect(self) -> Effect | None:
        return outcomes.effect(self.whitelisting) if self.whitelisting else None
