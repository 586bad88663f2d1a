"""Phone numbers: read as people write them, kept in E.164, shown by place.

+1 is 25 countries and territories. The metadata tells them apart even for a number that does not
exist, so the place is decided first and validity second: a Bahamian number is abroad, not invalid.
"""

from dataclasses import dataclass
from functools import cached_property

import phonenumbers
from babel import Locale
from phonenumbers import PhoneNumberFormat

PLACES = Locale("en").territories
NANP_HOME = "US"
# Numbers of no country at all, such as +800.
NO_COUNTRY = "001"
LONGEST_EXTENSION = 10
LONGEST_E164 = 15
SHORTEST_LOCAL = 7


class PhoneNumberError(ValueError):
    """What was typed cannot be a phone number; the message says why."""


@dataclass(frozen=True)
class Phone:
    """A number in E.164 (`+14155550123`) and, apart from it, an extension."""

    e164: str
    extension: str = ""

    @cached_property
    def parsed(self) -> phonenumbers.PhoneNumber:
        return phonenumbers.parse(self.e164)

    @property
    def formatted(self) -> str:
        """`(415) 555-0123` for North America, `+44 20 7183 8750` for others."""
        home = self.parsed.country_code == 1
        style = PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
        number = phonenumbers.format_number(self.parsed, style)
        return f"{number} ext. {self.extension}" if self.extension else number

    @property
    def region(self) -> str:
        """ISO 3166 code; empty where not even the place can be told."""
        region = phonenumbers.region_code_for_number(self.parsed)
        if region is None and self.parsed.country_code == 1:
            # The other 23 are told apart by their leading digits alone. What remains is US or CA,
            # which the area code of a number that does not exist tells of one that does.
            neighbour = phonenumbers.parse(f"+1{self.e164[2:5]}2345678")
            return phonenumbers.region_code_for_number(neighbour) or NANP_HOME
        return region or str(
            phonenumbers.region_code_for_country_code(self.parsed.country_code or 0)
        )

    @property
    def place(self) -> str:
        """The name of the place with its dialling code: `Bahamas, +1 242`."""
        return f"{self.country}, {self.dialling_code}"

    @property
    def country(self) -> str:
        return country_name(self.region)

    @property
    def dialling_code(self) -> str:
        code = f"+{self.parsed.country_code}"
        return f"{code} {self.e164[2:5]}" if self.parsed.country_code == 1 else code

    @property
    def is_possible(self) -> bool:
        """Whether the length is right. False for 911, and for a number without its area code."""
        reason = phonenumbers.is_possible_number_with_reason(self.parsed)
        return reason == phonenumbers.ValidationResult.IS_POSSIBLE and self.fits_e164

    @property
    def fits_e164(self) -> bool:
        """Some countries' own plans allow more digits than can be dialled from abroad."""
        return len(self.e164) <= 1 + LONGEST_E164

    @property
    def is_valid(self) -> bool:
        """Whether the range is assigned. New area codes appear several times a year: only warn."""
        return bool(phonenumbers.is_valid_number(self.parsed))

    @property
    def kind(self) -> int:
        """One of `phonenumbers.PhoneNumberType`: a mobile cannot be told from a landline in +1."""
        return int(phonenumbers.number_type(self.parsed))

    def __str__(self) -> str:
        return self.formatted


def country_name(region: str) -> str:
    """The English name of an ISO 3166 code."""
    if region == NO_COUNTRY:
        return "an international network"
    return str(PLACES.get(region, "an unknown country"))


def parse(text: str, region: str = NANP_HOME) -> Phone:
    """Read a number in any notation, with or without country code and extension.

    Raises PhoneNumberError for what cannot be one: no digits, wrong length, 911 and the like.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise PhoneNumberError("This isn't a phone number.") from error
    phone = Phone(
        phonenumbers.format_number(number, PhoneNumberFormat.E164), number.extension or ""
    )
    if not phone.is_possible:
        raise PhoneNumberError(_why_impossible(phone))
    if len(phone.extension) > LONGEST_EXTENSION:
        raise PhoneNumberError("The extension has too many digits.")
    return phone


def _why_impossible(phone: Phone) -> str:
    reason = phonenumbers.is_possible_number_with_reason(phone.parsed)
    if reason == phonenumbers.ValidationResult.TOO_LONG or not phone.fits_e164:
        return "This number has too many digits."
    if len(str(phone.parsed.national_number)) < SHORTEST_LOCAL:
        return "This is a short number. Enter a full phone number."
    return "This number has too few digits. Include the area code."
