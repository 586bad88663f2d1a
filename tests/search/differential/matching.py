"""Match words, phone numbers, and email addresses like the search language does."""

import re
import unicodedata

import phonenumbers

WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Return the runs of letters and digits, without case and accents."""
    apart = unicodedata.normalize("NFD", text)
    plain = "".join(mark for mark in apart if not unicodedata.combining(mark))
    return WORD.findall(plain.lower())


def contains_phrase(text: str, phrase: str, *, quoted: bool) -> bool:
    """Return whether a text contains the words in order. Unquoted, the last can be a prefix."""
    found, expected = words(text), words(phrase)
    *whole, last = expected
    for start in range(len(found) - len(expected) + 1):
        part = found[start : start + len(expected)]
        matches_last = part[-1] == last if quoted else part[-1].startswith(last)
        if part[:-1] == whole and matches_last:
            return True
    return False


def matches_phone(phone: str, typed: str) -> bool:
    """Return whether an E.164 number matches an area code, a whole number, or some digits."""
    digits = re.sub(r"\D", "", typed)
    if digits == typed and len(digits) == 3:
        return phone.startswith("+1" + digits)
    whole = whole_number(typed)
    return phone == whole if whole else digits in phone


def whole_number(typed: str) -> str | None:
    try:
        number = phonenumbers.parse(typed, "US")
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def matches_email(email: str, typed: str) -> bool:
    email, typed = email.lower(), typed.lower()
    return email.endswith(typed) if typed.startswith("@") else email == typed
