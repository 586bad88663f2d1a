"""Record or end opt-outs when an incoming text asks for it."""

from messaging.carriers import IncomingSms
from messaging.incoming.keywords import Keyword, read_keyword, sounds_like_opt_out
from messaging.models import OptOut, SenderNumber, SmsMessage


def is_urgent(text: IncomingSms) -> bool:
    """Return whether a text must count at once, because it ends or allows texts to its sender.

    That includes HELP and START: a person's keywords count in the order in which they come.
    """
    return read_keyword(text.text) is not None


def record(text: str, phone: str, sender: SenderNumber, message: SmsMessage | None) -> None:
    """Record or end what this text from `phone` (E.164) to `sender` asks for.

    `message` is None if no lead has the number. An opt-out counts anyway.
    """
    keyword = read_keyword(text)
    if keyword == Keyword.START:
        OptOut.objects.end_by_recipient(sender.organization, phone, sender=sender, words=text)
        return
    certain = keyword == Keyword.STOP
    if certain or (keyword is None and sounds_like_opt_out(text)):
        OptOut.objects.record(
            sender.organization,
            phone,
            source=OptOut.Source.KEYWORD if certain else OptOut.Source.WORDING,
            sender=sender,
            message=message,
            words=text,
            certain=certain,
        )
