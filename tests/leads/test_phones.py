"""Phone numbers are read in any format, and get a region even when they aren't valid."""

import pytest

from leads.phones import Phone, PhoneNumberError, country_name, parse

PLACES = {
    "201": "United States",
    "416": "Canada",
    "242": "Bahamas",
    "246": "Barbados",
    "264": "Anguilla",
    "268": "Antigua & Barbuda",
    "284": "British Virgin Islands",
    "340": "U.S. Virgin Islands",
    "345": "Cayman Islands",
    "441": "Bermuda",
    "473": "Grenada",
    "649": "Turks & Caicos Islands",
    "658": "Jamaica",
    "664": "Montserrat",
    "670": "Northern Mariana Islands",
    "671": "Guam",
    "684": "American Samoa",
    "721": "Sint Maarten",
    "758": "St. Lucia",
    "767": "Dominica",
    "784": "St. Vincent & Grenadines",
    "787": "Puerto Rico",
    "809": "Dominican Republic",
    "868": "Trinidad & Tobago",
    "869": "St. Kitts & Nevis",
    "876": "Jamaica",
    "829": "Dominican Republic",
    "939": "Puerto Rico",
    "867": "Canada",
    "742": "Canada",
}


def test_plus_one_covers_25_regions() -> None:
    assert len(set(PLACES.values())) == 26 - 1


@pytest.mark.parametrize(("area", "country"), PLACES.items())
# No exchange starts with 1 or is 000: these numbers don't exist, but have a region all the same.
@pytest.mark.parametrize("rest", ["5551234", "1550123", "0000000", "2345678"])
def test_an_area_code_gives_the_region_of_invalid_numbers_too(
    area: str, country: str, rest: str
) -> None:
    phone = Phone(f"+1{area}{rest}")
    assert phone.country == country
    assert phone.place == f"{country}, +1 {area}"


@pytest.mark.parametrize(
    "text",
    [
        "4155550123",
        "(415) 555-0123",
        "415.555.0123",
        "1 415 555 0123",
        "+1 (415) 555‑0123",
        "tel:+1-415-555-0123",
        " +14155550123\n",
        "٤١٥٥٥٥٠١٢٣",
        "４１５５５５０１２３",
        "415-555-0123 x12",
    ],
)
def test_a_number_is_read_in_any_format(text: str) -> None:
    assert parse(text).e164 == "+14155550123"


def test_an_extension_is_stored_separately() -> None:
    phone = parse("415-555-0123 ext. 4567")
    assert (phone.e164, phone.extension) == ("+14155550123", "4567")
    assert str(phone) == "(415) 555-0123 ext. 4567"


def test_letters_of_a_vanity_number_become_digits() -> None:
    assert parse("1-800-FLOWERS").e164 == "+18003569377"


def test_a_foreign_number_is_shown_with_its_country_code() -> None:
    phone = parse("+44 20 7183 8750")
    assert (str(phone), phone.place) == ("+44 20 7183 8750", "United Kingdom, +44")


def test_a_number_without_a_country_code_is_domestic() -> None:
    assert parse("020 7183 8750", region="GB").e164 == "+442071838750"


def test_a_new_area_code_is_possible_but_not_valid() -> None:
    phone = parse("+1 999 555 0123")
    assert phone.is_possible
    assert not phone.is_valid


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "This isn't a phone number"),
        ("+", "This isn't a phone number"),
        ("Ada", "This isn't a phone number"),
        ("\0", "This isn't a phone number"),
        ("415\0 555 0123", "This isn't a phone number"),
        ("1" * 10_000, "This isn't a phone number"),
        (" " * 10_000 + "4155550123", "This isn't a phone number"),
        ("+999 12345678", "This isn't a phone number"),
        ("911", "short number"),
        ("+1911", "short number"),
        ("988", "short number"),
        ("12345", "short number"),
        ("555-0123", "area code"),
        ("+1415555012345", "too many digits"),
        ("+49 123456789012345", "too many digits"),
        ("415 555 0123;ext=12345678901", "extension"),
        ("call 415 555 0123 or later", "too many digits"),
    ],
)
def test_an_impossible_number_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(PhoneNumberError, match=reason):
        parse(text)


@pytest.mark.parametrize(
    ("region", "name"),
    [("CA", "Canada"), ("001", "an international network"), ("??", "an unknown country")],
)
def test_a_region_has_a_name(region: str, name: str) -> None:
    assert country_name(region) == name
