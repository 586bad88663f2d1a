"""What a text can come from: a phone number, a short code, or a name."""

import re

from django.db import models
from phonenumbers import PhoneNumberType

from leads import phones
from leads.phones import Phone

# https://www.usshortcodes.com and https://www.txt.ca: five or six digits in both countries.
SHORT_CODE = re.compile(r"[1-9]\d{4,5}")
# https://www.twilio.com/docs/glossary/what-alphanumeric-sender-id
NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9_&-][A-Za-z0-9 +_&-]{0,10}")
# Carriers there refuse names. The territories belong to the US network.
WITHOUT_NAMES = frozenset({"US", "CA", "PR", "VI", "GU", "MP", "AS"})
SHORT_CODE_COUNTRIES = ("US", "CA")


class SenderKind(models.TextChoices):
    LOCAL = "local", "Local number"
    TOLL_FREE = "toll_free", "Toll-free number"
    SHORT_CODE = "short_code", "Short code"
    NAME = "name", "Alphanumeric sender"


def normalize(text: str) -> str:
    """Return a sender as it's stored: a number in E.164, the digits of a short code, or a name.

    Raises PhoneNumberError if it's none of them.
    """
    text = text.strip()
    if SHORT_CODE.fullmatch(text):
        return text
    try:
        return phones.parse(text).e164
    except phones.PhoneNumberError as error:
        if NAME.fullmatch(text):
            return text
        if any(character.isalpha() for character in text):
            words = "A name has up to 11 letters, digits, and spaces, without accents."
            raise phones.PhoneNumberError(words) from error
        raise


def kind_of(stored: str) -> SenderKind:
    if stored.startswith("+"):
        is_toll_free = Phone(stored).kind == PhoneNumberType.TOLL_FREE
        return SenderKind.TOLL_FREE if is_toll_free else SenderKind.LOCAL
    return SenderKind.SHORT_CODE if SHORT_CODE.fullmatch(stored) else SenderKind.NAME


def formatted(stored: str) -> str:
    """Return it for people: `(212) 555-0100`, `72975`, or `Acme`."""
    return Phone(stored).formatted if stored.startswith("+") else stored
