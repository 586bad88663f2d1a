"""Words, phone numbers and e-mail addresses, compared as the search language says."""

import re
import unicodedata

import phonenumbers

WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Return the runs of letters and digits, without case and accents."""
    apart = unicodedata.normalize("NFD", text)
    plain = "".join(mark for mark in apart if not unicodedata.combining(mark))
    return WORD.findall(plain.lower())


def says(text: str, asked: str, *, quoted: bool) -> bool:
    """Whether the words asked for stand in the text in a row; unquoted, the last may go on."""
    there, wanted = words(text), words(asked)
    *whole, last = wanted
    for at in range(len(there) - len(wanted) + 1):
        here = there[at : at + len(wanted)]
        ends = here[-1] == last if quoted else here[-1].startswith(last)
        if here[:-1] == whole and ends:
            return True
    return False


def is_number(phone: str, asked: str) -> bool:
    """Whether a number in E.164 is the one asked for: by area code, whole, or by some digits."""
    digits = re.sub(r"\D", "", asked)
    if digits == asked and len(digits) == 3:
        return phone.startswith("+1" + digits)
    whole = whole_number(asked)
    return phone == whole if whole else digits in phone


def whole_number(asked: str) -> str | None:
    try:
        number = phonenumbers.parse(asked, "US")
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_address(email: str, asked: str) -> bool:
    email, asked = email.lower(), asked.lower()
    return email.endswith(asked) if asked.startswith("@") else email == asked
