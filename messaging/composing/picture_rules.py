"""Whether a picture can be sent with a text: what its carrier takes, from whom, and to where."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from leads.phones import Phone
from messaging import carriers
from messaging.carriers import PictureRules
from messaging.models import SenderNumber
from messaging.models.media import Media
from messaging.models.reason import Reason
from smscenter.guards import is_loopback

TEXT_ALONE = "Remove the picture, or choose another sender number."


class Obstacle(NamedTuple):
    """Why a picture can't be sent. `message` is for the rep."""

    code: str
    message: str
    reason: Reason


def check(sender: SenderNumber, to: str, text: str, picture: Media) -> Iterator[Obstacle]:
    """Yield why this picture can't be sent with this text."""
    label, rules = carriers.label(sender.carrier), carriers.picture_rules(sender.carrier)
    if rules is None:
        message = f"Pictures can't be sent through {label}. {TEXT_ALONE}"
        yield Obstacle("no_pictures", message, Reason.SENDER_CONFIG)
        return
    if not _can_send(sender, rules):
        why = f"Only sender numbers in {rules.places} can send pictures. {TEXT_ALONE}"
        yield Obstacle("picture_sender", why, Reason.SENDER_CONFIG)
    if not _is_within(to, rules):
        why = f"Pictures can only be sent to numbers in {rules.places}. Remove the picture."
        yield Obstacle("picture_recipient", why, Reason.UNSUPPORTED_COUNTRY)
    size = picture["size"] or 0
    if size > rules.largest:
        most = filesizeformat(rules.largest)
        why = f"This picture is {filesizeformat(size)}, and {label} takes up to {most}."
        yield Obstacle("picture_size", f"{why} Attach a smaller one.", Reason.CONTENT_INVALID)
    if len(text) > rules.longest_text:
        why = f"A text with a picture can have up to {rules.longest_text:,} characters. Shorten it."
        yield Obstacle("too_long", why, Reason.TOO_LONG)
    if rules.needs_public_url and is_loopback(urlsplit(settings.PUBLIC_URL).hostname or ""):
        why = f"Pictures can't be sent through {label} until this site has a public address."
        yield Obstacle("picture_address", f"{why} Ask your administrator.", Reason.SENDER_CONFIG)


def _can_send(sender: SenderNumber, rules: PictureRules) -> bool:
    """Return whether this kind of sender can. Short codes can, and names can't."""
    return _is_within(sender.phone, rules) if sender.phone[:1] == "+" else sender.phone.isdigit()


def _is_within(number: str, rules: PictureRules) -> bool:
    try:
        return Phone(number).is_in(rules.regions)
    except ValueError:
        return True  # not a number, which is refused anyway
