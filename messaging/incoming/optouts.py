"""Record or end opt-outs when an incoming text asks for it, and reply to STOP and HELP."""

from datetime import timedelta

from django.utils import timezone

from messaging import carriers
from messaging.carriers import IncomingSms
from messaging.incoming.keywords import Keyword, read_keyword, sounds_like_opt_out
from messaging.models import CarrierEvent, OptOut, SenderNumber, Thread
from messaging.outgoing import automatic

# The FCC allows one confirmation, within five minutes. A later one would be a text without consent.
CONFIRM_WITHIN = timedelta(minutes=5)
# After that, a reply to HELP comes as a surprise.
HELP_WITHIN = timedelta(hours=1)


def is_urgent(text: IncomingSms) -> bool:
    """Return whether a text must count at once, because it ends or allows texts to its sender.

    That includes HELP and START: a person's keywords count in the order in which they come.
    """
    return _keyword(text) is not None


def record(text: IncomingSms, phone: str, sender: SenderNumber, event: CarrierEvent) -> None:
    """Record or end what this text from `phone` (E.164) to `sender` asks for.

    The event has no message if no lead has the number. An opt-out counts anyway. A text that was
    read before, without a lead, changes nothing but the evidence.
    """
    match _keyword(text):
        case Keyword.START:
            OptOut.objects.end_by_recipient(
                sender.organization, phone, sender=sender, words=text.text, at=event.received
            )
        case Keyword.STOP:
            _stop(text, phone, sender, event)
        case Keyword.HELP:
            # A carrier that understood HELP has replied with what was set up there.
            if not text.opt_out_type and _is_recent(event, HELP_WITHIN) and event.message:
                automatic.reply_to_help(event.message)
        case _ if sounds_like_opt_out(text.text):
            _add(text, phone, sender, event, source=OptOut.Source.WORDING, certain=False)


def _keyword(text: IncomingSms) -> Keyword | None:
    """Return what the text asks for: what the carrier acted on, unless we read STOP."""
    ours = read_keyword(text.text)
    if ours == Keyword.STOP or text.opt_out_type not in Keyword.values:
        return ours
    return Keyword(text.opt_out_type)


def _stop(text: IncomingSms, phone: str, sender: SenderNumber, event: CarrierEvent) -> None:
    is_ours = read_keyword(text.text) == Keyword.STOP
    source = OptOut.Source.KEYWORD if is_ours else OptOut.Source.CARRIER
    earlier = (
        OptOut.objects.in_force()
        .covering(sender)
        .filter(organization=sender.organization, recipient__phone=phone, certain=True)
    )
    was_opted_out = earlier.exists()
    opt_out = _add(text, phone, sender, event, source=source)
    # Nobody may reply.
    rows = Thread.objects.filter(organization=sender.organization_id, state=Thread.State.WAITING)
    lead = event.message.lead_id if event.message else None
    rows.filter(lead=lead, remote="" if lead else phone).update(state=Thread.State.DONE)
    if was_opted_out or not opt_out.is_new or _is_confirmed_by_carrier(text, sender):
        return
    if event.message and _is_recent(event, CONFIRM_WITHIN):
        automatic.confirm_opt_out(event.message, opt_out)


def _is_confirmed_by_carrier(text: IncomingSms, sender: SenderNumber) -> bool:
    word = text.text.strip().upper()
    return bool(text.opt_out_type) or word in carriers.get(sender.carrier).confirmed_opt_outs


def _is_recent(event: CarrierEvent, age: timedelta) -> bool:
    return timezone.now() - event.received <= age


def _add(  # noqa: PLR0913 - the evidence, and how it's read
    text: IncomingSms,
    phone: str,
    sender: SenderNumber,
    event: CarrierEvent,
    *,
    source: OptOut.Source,
    certain: bool = True,
) -> OptOut:
    return OptOut.objects.record(
        sender.organization,
        phone,
        source=source,
        sender=sender,
        service=text.service,
        message=event.message,
        words=text.text,
        certain=certain,
        at=event.received,
    )
