"""Opt-outs: read from what people write, learned, and ended by the person alone.

An opt-out covers the number that was answered: a person who sends STOP to the sales number keeps
the appointment reminders of another one, and other organizations are never touched. One without a
sender covers the whole organization.
"""

from django.db.models import Q
from django.utils import timezone

from messaging.incoming.keywords import Keyword, read_keyword, sounds_like_opt_out
from messaging.models import Consent, OptOut, Recipient, SenderNumber, SmsMessage
from smscenter.accounts.models import Organization, User

__all__ = ["Keyword", "consent", "end", "learn", "read_keyword", "recipient", "sounds_like_opt_out"]


def recipient(organization: Organization, phone: str) -> Recipient:
    """What the organization knows of this number (E.164), made on the first question."""
    row, _ = Recipient.objects.get_or_create(organization=organization, phone=phone)
    return row


def learn(  # noqa: PLR0913 - the fields of the row
    organization: Organization,
    phone: str,
    *,
    source: OptOut.Source,
    sender: SenderNumber | None = None,
    message: SmsMessage | None = None,
    words: str = "",
    certain: bool = True,
) -> OptOut:
    """Remember that the person at this number (E.164) wants no more texts.

    Learned twice, also at the same moment, it is one row, which keeps its first date. `sender` is
    the number that was answered; without one the whole organization is meant. `certain=False` is
    for wordings that a person has to read first; the same learned for certain makes it certain.
    """
    opt_out, _ = OptOut.objects.get_or_create(
        organization=organization,
        recipient=recipient(organization, phone),
        sender=sender,
        source=source,
        ended=None,
        defaults={"message": message, "words": _words(words, 200), "certain": certain},
    )
    if certain and not opt_out.certain:
        OptOut.objects.filter(pk=opt_out.pk).update(certain=True)
        opt_out.certain = True
    return opt_out


def end(organization: Organization, phone: str, *, sender: SenderNumber | None, words: str) -> int:
    """The person wrote START to `sender`: answers how many opt-outs that ended.

    The person's own word ends any of them, also what staff recorded after a call or a letter.
    It ends those of this sender and those of the whole organization, which no other text could
    end, but not those of its other numbers. There is no such function for staff, on purpose.
    """
    return _end(organization, phone, Q(sender=sender) | Q(sender=None), words)


def consent(  # noqa: PLR0913 - the fields of the row
    organization: Organization,
    phone: str,
    *,
    method: str,
    wording: str,
    recorded_by: User | None = None,
    page: str = "",
) -> Consent:
    """Record a new agreement as evidence. It ends every opt-out of this organization."""
    given = Consent.objects.create(
        organization=organization,
        recipient=recipient(organization, phone),
        method=method,
        wording=wording,
        page=page,
        recorded_by=recorded_by,
    )
    _end(organization, phone, Q(), f"New consent: {method}")
    return given


def _end(organization: Organization, phone: str, which: Q, words: str) -> int:
    in_force = OptOut.objects.filter(
        which, organization=organization, recipient__phone=phone, ended=None
    )
    return in_force.update(ended=timezone.now(), ended_by=_words(words, 120))


def _words(text: str, longest: int) -> str:
    # PostgreSQL stores no NUL, and a person's phone may send anything.
    return text.replace("\0", "")[:longest]
