"""Checks before a text is sent: refusals and warnings, each with a sentence for the rep."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from django.utils import timezone
from phonenumbers import PhoneNumberType

from leads import phones
from leads.phones import Phone
from messaging import carriers
from messaging.composing import (
    picture_rules,
    quiet_hours,
    reach,
    segments,
    send_times,
    spam_marks,
    trial,
)
from messaging.composing.verdicts import Level, Verdict
from messaging.models import OptOut, Recipient, SenderNumber, SmsMessage
from messaging.models.media import Media
from messaging.models.reason import Reason
from messaging.models.registration import RegistrationStatus
from smscenter import moments
from smscenter.accounts.models import Organization
from smscenter.wording import quote

# Carriers accept about 1,600 characters, and advise against more than a few segments.
MOST_SEGMENTS = 10
MANY_SEGMENTS = 3
FEW_CHARACTERS = 5
# A text due this soon is sent now, as people see it.
SOON = timedelta(minutes=1)
IMPOSSIBLE = 2
NO_COUNTRY = "Your organization has no countries set up for texting."
# Quotation marks get names, because a quoted quotation mark is hard to read.
QUOTES = dict.fromkeys("“”„‟″", "curly quotes") | dict.fromkeys("‘’‚‛′", "curly apostrophes")


def check(  # noqa: PLR0913 - the fields of the form, and what was read before
    *,
    organization: Organization,
    sender: SenderNumber | None,
    to: str,
    text: str,
    at: datetime | None = None,
    due: datetime | None = None,
    known: Mapping[str, Recipient] | None = None,
    picture: Media | None = None,
) -> list[Verdict]:
    """Return all verdicts on this text, the most severe first within each subject.

    `to` is a number as typed, or in E.164. `due` is when a scheduled text is to be sent. This takes
    two queries at most, none if the number's recipient is in `known`, and three more in a trial.
    """
    now = at or timezone.now()
    return [
        *_sender(organization, sender),
        *trial.check(organization, sender, to, now),
        *(_picture(sender, to, text, picture) if picture else _empty(text)),
        *_schedule(due, now),
        *_number(organization, sender, to, known, due or now),
        *reach.check(organization, sender, to),
        *(() if picture else (*_length(text), *_encoding(text))),
        *_spam(text),
        *_registration(sender),
        *_daily_cap(sender, to, at or timezone.now()),
    ]


def check_stored(message: SmsMessage, *, due: datetime | None = None) -> list[Verdict]:
    """Check a text that was written before: one to resend, or one that is `due` later."""
    return check(
        organization=message.lead.organization,
        sender=message.sender,
        to=message.remote_phone,
        text=message.sent_text or message.text,
        due=due,
        picture=message.picture,
    )


def rank(
    organization: Organization,
    sender: SenderNumber | None,
    numbers: Iterable[str],
    known: Mapping[str, Recipient],
) -> dict[str, int]:
    """Return for each number 0 if it can be texted, 1 if with a warning, else IMPOSSIBLE."""
    verdicts = {to: list(_number(organization, sender, to, known)) for to in numbers}
    return {
        to: IMPOSSIBLE if refusals(found) else int(bool(found)) for to, found in verdicts.items()
    }


def refusals(verdicts: Iterable[Verdict]) -> list[Verdict]:
    return [verdict for verdict in verdicts if verdict.level == Level.REFUSAL]


def held(phone: Phone, until: datetime) -> list[Verdict]:
    """Return what people see when their organization holds a text during quiet hours."""
    message = f"Your organization holds this text: it sends {send_times.shown(until, phone)}."
    return [_warn("held", f"It's quiet hours where the recipient is. {message}")]


def _refuse(code: str, message: str, reason: Reason, detail: str = "") -> Verdict:
    return Verdict(Level.REFUSAL, code, message, reason, detail)


def _warn(code: str, message: str, reason: Reason | None = None, detail: str = "") -> Verdict:
    return Verdict(Level.WARNING, code, message, reason, detail)


NO_SENDERS = "Your organization has no sender number yet. A manager can add one under Settings."


def _sender(organization: Organization, sender: SenderNumber | None) -> Iterator[Verdict]:
    if sender is None:
        has_some = (
            SenderNumber.objects.own().filter(organization=organization, active=True).exists()
        )
        words = "Choose a sender number." if has_some else NO_SENDERS
        yield _refuse("no_sender", words, Reason.SENDER_CONFIG)
    elif sender.organization_id != organization.pk:
        yield _refuse(
            "foreign_sender",
            "This sender number doesn't belong to your organization.",
            Reason.SENDER_CONFIG,
        )
    elif not sender.active:
        yield _refuse(
            "inactive_sender",
            f"The sender number {sender.number} is turned off. Choose another one.",
            Reason.SENDER_CONFIG,
        )
    elif not carriers.is_configured(sender.carrier, sender.account):
        yield _refuse(
            "not_set_up",
            f"The sender number {sender.number} can't send texts, because its carrier isn't set "
            "up. Choose another one, and tell your administrator.",
            Reason.SENDER_CONFIG,
        )


def _empty(text: str) -> Iterator[Verdict]:
    if not text.strip():
        yield _refuse("empty_text", "The text is empty.", Reason.CONTENT_INVALID)


def _picture(sender: SenderNumber | None, to: str, text: str, picture: Media) -> Iterator[Verdict]:
    if sender is not None:
        for obstacle in picture_rules.check(sender, to, text, picture):
            yield _refuse(*obstacle)


def _schedule(due: datetime | None, now: datetime) -> Iterator[Verdict]:
    if due is not None and due <= now:
        message = "This time has passed where the recipient is. Choose a later one."
        yield Verdict(Level.REFUSAL, "past", message, None)


def _number(
    organization: Organization,
    sender: SenderNumber | None,
    to: str,
    known: Mapping[str, Recipient] | None,
    at: datetime | None = None,
) -> Iterator[Verdict]:
    """Yield verdicts on the number; quiet hours are checked only with `at`."""
    try:
        phone = phones.parse(to)
    except phones.PhoneNumberError as error:
        yield _refuse("not_a_number", str(error), Reason.INVALID_NUMBER)
        return
    if not phone.is_in(organization.regions):
        yield _unsupported(organization, phone)
        return
    yield from _range(phone)
    if known is None:
        known = Recipient.objects.known(organization, [phone.e164])
    if recipient := known.get(phone.e164):
        yield from _wish(recipient, sender)
        yield from _capability(recipient)
    if at is not None:
        yield from _hours(organization, phone, at)


def _unsupported(organization: Organization, phone: Phone) -> Verdict:
    places = [phones.with_article(phones.country_name(region)) for region in organization.regions]
    allowed = f"You can only text numbers in {_listed(places)}." if places else NO_COUNTRY
    return _refuse(
        "unsupported_country",
        f"This number is in {phones.with_article(phone.place)}. {allowed}",
        Reason.UNSUPPORTED_COUNTRY,
        phone.place,
    )


def _range(phone: Phone) -> Iterator[Verdict]:
    if not phone.is_valid:
        yield _warn(
            "not_valid",
            f"{phone} doesn't look like a working number. Check it before you send.",
            Reason.INVALID_NUMBER,
        )
    if phone.kind == PhoneNumberType.TOLL_FREE:
        yield _warn("toll_free", "This is a toll-free number. Most of them can't receive texts.")
    if phone.kind == PhoneNumberType.PREMIUM_RATE:
        yield _warn("premium", "This is a premium-rate number. Texts to it cost more.")


def _wish(recipient: Recipient, sender: SenderNumber | None) -> Iterator[Verdict]:
    """Yield the opt-out that matters most: a certain one, else one for a person to read."""
    for opt_out in recipient.opt_outs_in_force:
        if opt_out.covers(sender):
            yield _opted_out(opt_out) if opt_out.certain else _maybe_opted_out(opt_out)
            return


def _opted_out(opt_out: OptOut) -> Verdict:
    how = {
        OptOut.Source.KEYWORD: f"by replying {quote(opt_out.words or 'STOP')}",
        OptOut.Source.WORDING: f"by writing {quote(opt_out.words)}",
        OptOut.Source.CARRIER: "as reported by the carrier",
        OptOut.Source.STAFF: "as recorded by your staff",
    }[OptOut.Source(opt_out.source)]
    return _refuse(
        "opted_out",
        f"This person opted out on {moments.day(opt_out.created)}, {how}. "
        "Only they can undo that, by texting START.",
        Reason.OPTED_OUT,
        opt_out.source,
    )


def _maybe_opted_out(opt_out: OptOut) -> Verdict:
    return _warn(
        "maybe_opted_out",
        f"On {moments.day(opt_out.created)} this person wrote {quote(opt_out.words)}. "
        "If they want you to stop, don't send this text.",
        Reason.OPTED_OUT,
        opt_out.words,
    )


def _capability(recipient: Recipient) -> Iterator[Verdict]:
    if recipient.cannot_receive:
        learned = recipient.capability_at
        when = f" on {moments.day(learned)}" if learned else ""
        reason = Reason(recipient.capability)
        marked = {
            Reason.NOT_SMS_CAPABLE: "was marked as a landline",
            Reason.INVALID_NUMBER: "was reported as out of service",
        }[reason]
        yield _refuse(
            reason,
            f"This number {marked}{when}. If it can receive texts, mark it as textable.",
            reason,
        )


def _hours(organization: Organization, phone: Phone, at: datetime) -> Iterator[Verdict]:
    if phone.kind in quiet_hours.PLACELESS:
        return
    if quiet_hours.is_quiet(phone, at):
        there = list(dict.fromkeys(map(moments.clock_there, quiet_hours.local_times(phone, at))))
        when = there[0] if len(there) == 1 else f"between {there[0]} and {there[-1]}"
        place = "where the recipient is"
        is_later = at > timezone.now() + SOON
        now = f"It'll be {when} {place} then." if is_later else f"It's {when} {place}."
        allowed = "Texting is allowed 8 AM–9 PM, and some states are stricter."
        match organization.quiet_hours:
            case Organization.QuietHours.WARN:
                yield _warn("quiet_hours", f"{now} {allowed}", Reason.QUIET_HOURS, when)
            case Organization.QuietHours.HOLD:
                opening = send_times.shown(quiet_hours.next_opening(phone, at), phone)
                message = f"{now} Your organization holds this text: it sends {opening}."
                yield _warn("held", message, Reason.QUIET_HOURS, when)
            case Organization.QuietHours.REFUSE:
                message = f"{now} Your organization sends texts only 8 AM–9 PM their time."
                yield _refuse("quiet_hours", message, Reason.QUIET_HOURS, when)


def _length(text: str) -> Iterator[Verdict]:
    number = segments.count(text).segments
    if number > MOST_SEGMENTS:
        yield _refuse(
            "too_long",
            f"This text is {number} segments, and the limit is {MOST_SEGMENTS}. Shorten it.",
            Reason.TOO_LONG,
            str(number),
        )
    elif number > MANY_SEGMENTS:
        yield _warn(
            "many_segments",
            f"Long text: {number} segments, billed as {number} texts.",
            detail=str(number),
        )


def _encoding(text: str) -> Iterator[Verdict]:
    """Warn about a few characters that add segments."""
    rare = segments.beyond_gsm(text)
    if not 0 < len(rare) <= FEW_CHARACTERS:
        return
    before = segments.count(text).segments
    offer = segments.smart_encoding(text)
    without = segments.count("".join(c for c in text if c not in rare)).segments
    after = offer.after.segments if offer else without
    if after < before:
        names = _listed(list(dict.fromkeys(map(_name, offer.replaced if offer else rare))))
        how = "With plain characters" if offer else "Without these characters"
        yield _warn(
            "costly_characters",
            f"This text takes {before} segments because of {names}. "
            f"{how} it would be {after} segment{'' if after == 1 else 's'}.",
            detail=str(before - after),
        )


def _spam(text: str) -> Iterator[Verdict]:
    for mark in spam_marks.find(text):
        yield Verdict(
            Level.WARNING, "spam_mark", str(mark), Reason.SPAM, mark.subject, mark.excerpt
        )


def _registration(sender: SenderNumber | None) -> Iterator[Verdict]:
    if sender is not None and not sender.registered:
        missing = sender.missing
        why = ""
        if missing and missing.status is not RegistrationStatus.NOT_SUBMITTED:
            why = f" ({missing.name.lower()} {missing.status.label.lower()})"
        yield _warn(
            "unregistered_sender",
            f"The sender number {sender.number} isn't registered with carriers{why}, "
            "so they may block this text.",
            Reason.UNREGISTERED_SENDER,
        )


def _daily_cap(sender: SenderNumber | None, to: str, at: datetime) -> Iterator[Verdict]:
    """Warn that the text has to wait for the carriers' next day, and if that's at night."""
    if sender is None or sender.trial:
        return
    until = sender.capped_until(at)
    if until is None:
        return
    night = _night(to, until)
    yield _warn(
        "daily_cap",
        f"This number has sent its {sender.daily_cap:,} texts for today. "
        f"This text goes out at {moments.clock_there(until)} Pacific{night}.",
        Reason.RATE_LIMIT,
        moments.upcoming(until),
    )


def _night(to: str, at: datetime) -> str:
    try:
        phone = phones.parse(to)
    except phones.PhoneNumberError:
        return ""
    if phone.kind in quiet_hours.PLACELESS or not quiet_hours.is_quiet(phone, at):
        return ""
    there = moments.clock_there(quiet_hours.local_times(phone, at)[0])
    return f", when it's {there} where the recipient is. To avoid that, use another number"


def _listed(words: list[str]) -> str:
    """Join as `a and b`, or `a, b, and c`."""
    if len(words) <= 2:
        return " and ".join(words)
    return f"{', '.join(words[:-1])}, and {words[-1]}"


def _name(character: str) -> str:
    """Return a visible character in quotation marks, or else its name."""
    if name := QUOTES.get(character):
        return name
    if character.isprintable() and not unicodedata.combining(character):
        return f"“{character}”"
    return f"a {unicodedata.name(character, 'control character').lower()}"
