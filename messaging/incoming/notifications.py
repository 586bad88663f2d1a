"""Notify people of replies to them."""

from leads.models import Lead
from leads.page import place_of
from messaging.models import SmsMessage
from smscenter.notifications.notify import notify

REPLY = "reply"


def notify_of_reply(message: SmsMessage) -> None:
    """Notify the lead's owner, and who texted this person last."""
    owners = Lead.objects.filter(pk=message.lead_id).values_list("owner", flat=True)
    sent = SmsMessage.objects.filter(
        organization=message.organization_id,
        remote_phone=message.remote_phone,
        lead=message.lead_id,
        direction=SmsMessage.Direction.OUTGOING,
    )
    texters = sent.exclude(user=None).order_by("-created").values_list("user", flat=True)
    notify(
        REPLY,
        filter(None, [owners.first(), texters.first()]),
        organization=message.organization_id,
        subject=message.pk,
        place=place_of(message.lead_id),
    )
