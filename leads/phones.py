"""Phone numbers: parsed in any format, stored in E.164, shown by country.

+1 is shared by 25 countries and territories. The metadata tells them apart even for a number that
doesn't exist. So the place is decided before validity: a Bahamian number is abroad, not invalid.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from babel import Locale
from phonenumbers import PhoneNumberFormat, PhoneNumberType

PLACES = Locale("en").territories
NANP_HOME = "US"
# Numbers without a country, such as +800.
NO_COUNTRY = "001"
LONGEST_EXTENSION = 10
LONGEST_E164 = 15
SHORTEST_LOCAL = 7
ERASED = "erased number"


class PhoneNumberError(ValueError):
    """The text isn't a phone number; the message is for the user."""


@dataclass(frozen=True)
class Phone:
    """A number in E.164 (`+14155550123`) and its extension. Empty if it was erased."""

    e164: str
    extension: str = ""

    @property
    def parsed(self) -> phonenumbers.PhoneNumber:
        return _parsed(self.e164)

    @property
    def formatted(self) -> str:
        """Return `(415) 555-0123` for North America, `+44 20 7183 8750` for others."""
        if not self.e164:
            return ERASED
        number = _formatted(self.e164)
        return f"{number} ext. {self.extension}" if self.extension else number

    @property
    def region(self) -> str:
        """Return the ISO 3166 code, or an empty string if the country is unknown."""
        if not self.e164:
            return ""
        return _region(self.e164)

    def is_in(self, regions: Collection[str]) -> bool:
        """Return whether its country is one of these (ISO 3166), even if the number is invalid.

        Personal numbers (+1 500) have no country, and count as part of each.
        """
        personal = self.kind == PhoneNumberType.PERSONAL_NUMBER and self.parsed.country_code == 1
        return personal or self.region in regions

    @property
    def place(self) -> str:
        """Return the place's name and dialing code: `Bahamas, +1 242`."""
        return f"{self.country}, {self.dialing_code}"

    @property
    def country(self) -> str:
        return country_name(self.region)

    @property
    def dialing_code(self) -> str:
        code = f"+{self.parsed.country_code}"
        return f"{code} {self.e164[2:5]}" if self.parsed.country_code == 1 else code

    @property
    def is_possible(self) -> bool:
        """Return whether the length is right. 911, or a number without an area code, isn't."""
        reason = phonenumbers.is_possible_number_with_reason(self.parsed)
        return reason == phonenumbers.ValidationResult.IS_POSSIBLE and self.fits_e164

    @property
    def fits_e164(self) -> bool:
        """Return whether it fits E.164. Some countries' plans allow longer numbers."""
        return len(self.e164) <= 1 + LONGEST_E164

    @property
    def is_valid(self) -> bool:
        """Return whether the range is assigned. Only warn: new area codes appear every year."""
        return bool(phonenumbers.is_valid_number(self.parsed))

    @property
    def kind(self) -> int:
        """Return the `phonenumbers.PhoneNumberType`. +1 has one type for mobiles and landlines."""
        return _kind(self.e164)

    def __str__(self) -> str:
        return self.formatted


# A page asks for the same few numbers again and again.
@lru_cache(maxsize=2_000)
def _parsed(e164: str) -> phonenumbers.PhoneNumber:
    return phonenumbers.parse(e164)


@lru_cache(maxsize=2_000)
def _formatted(e164: str) -> str:
    home = _parsed(e164).country_code == 1
    style = PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(_parsed(e164), style)


@lru_cache(maxsize=2_000)
def _region(e164: str) -> str:
    number = _parsed(e164)
    region = phonenumbers.region_code_for_number(number)
    if region is None and number.country_code == 1:
        # The other 23 are recognized by their leading digits alone. The rest is US or CA. The area
        # code decides, even if the number doesn't exist.
        nearby = phonenumbers.parse(f"+1{e164[2:5]}2345678")
        return phonenumbers.region_code_for_number(nearby) or NANP_HOME
    return region or str(phonenumbers.region_code_for_country_code(number.country_code or 0))


@lru_cache(maxsize=2_000)
def _kind(e164: str) -> int:
    return int(phonenumbers.number_type(_parsed(e164)))


def country_name(region: str) -> str:
    """Return the English name for an ISO 3166 code."""
    if region == NO_COUNTRY:
        return "an international network"
    return str(PLACES.get(region, "an unknown country"))


def with_article(place: str) -> str:
    """Return the place's name, with “the” where English uses it."""
    plural = place.startswith(("United ", "U.S. ", "Bahamas", "Dominican Republic", "Netherlands"))
    return f"the {place}" if plural or "Islands" in place else place


def parse(text: str, region: str = NANP_HOME) -> Phone:
    """Parse a number in any format, with or without country code and extension.

    Raises PhoneNumberError if it can't be one: no digits, wrong length, or a number like 911.
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
