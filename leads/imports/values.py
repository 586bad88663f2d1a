"""Read single values of a file, as people and spreadsheets write them."""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from leads import phones
from leads.imports.columns import CellError, Clean, Context
from leads.models import CustomField
from leads.phones import Phone, PhoneNumberError

# Errors of spreadsheets, and what people write for nothing.
SHEET_ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)", re.IGNORECASE)
NOTHING = frozenset({"", "-", "–", "—", "n/a", "na", "none", "null", "nil", "(blank)"})
# A long number, as Excel shows it.
SHORTENED = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
SEVERAL = re.compile(r"\s*[;|\n]\s*|\s+/\s+")
IN_BRACKETS = re.compile(r"<([^<>]+)>")
NUMBER = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?")
# Ten digits of North America, in any of the usual notations.
SIMPLE = re.compile(r"(?:\+?1[ .-]?)?\(?([2-9]\d\d)\)?[ .-]?(\d{3})[ .-]?(\d{4})")
# More aren't stored exactly.
MOST_DIGITS = 15
DATES = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y")
TIMES = ("%I:%M %p", "%I:%M:%S %p", "%H:%M", "%H:%M:%S")
web_address = URLValidator(["http", "https"])


def is_nothing(text: str) -> bool:
    return text.casefold() in NOTHING


def text(longest: int) -> Clean:
    """Return a function that reads text of a field with this length."""

    def clean(cell: str, _context: Context) -> str:
        cell = CONTROLS.sub("", cell).strip()
        if len(cell) > longest:
            raise CellError("too_long", f"Longer than {longest} characters.")
        return cell

    return clean


def line(longest: int) -> Clean:
    """Return a function that reads text of one line."""
    read = text(longest)
    return lambda cell, context: " ".join(read(cell, context).split())


def phone_numbers(cell: str, context: Context) -> list[Phone]:
    if SHORTENED.fullmatch(cell):
        raise CellError("phone", "Shortened by a spreadsheet. Format the column as text.")
    return [_phone(part, context.region) for part in SEVERAL.split(cell) if part]


def _phone(part: str, region: str) -> Phone:
    # Most numbers, ten times as fast as the library reads them.
    is_american = region in {"US", "CA"} or part.startswith("+")
    if is_american and (match := SIMPLE.fullmatch(part)):
        return Phone(f"+1{''.join(match.groups())}")
    try:
        return phones.parse(part, region)
    except PhoneNumberError as error:
        raise CellError("phone", str(error)) from error


def emails(cell: str, _context: Context) -> list[str]:
    found = IN_BRACKETS.findall(cell) or re.split(r"[;,|\s]+", cell)
    return [_email(each) for each in found if each]


def _email(part: str) -> str:
    address = part.strip().removeprefix("mailto:").lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise CellError("email", "This isn't an email address.") from error
    if len(address) > 254:
        raise CellError("email", "This email address is too long.")
    return address


def url(cell: str, _context: Context) -> str:
    address = cell if "://" in cell else f"https://{cell}"
    try:
        web_address(address)
    except ValidationError as error:
        raise CellError("url", "This isn't a web address.") from error
    if len(address) > 200:
        raise CellError("url", "Longer than 200 characters.")
    return address


def status(cell: str, context: Context) -> Any:
    if found := context.statuses.get(cell.casefold()):
        return found
    raise CellError("status", "Your organization doesn't have this status.")


def owner(cell: str, context: Context) -> Any:
    if found := context.people.get(cell.casefold()):
        return found
    raise CellError("owner", "No one in your organization has this name or email address.")


def country(cell: str, _context: Context) -> str:
    code = {"USA": "US", "UNITED STATES": "US", "CANADA": "CA", "CAN": "CA"}.get(cell.upper())
    code = code or cell.upper()
    if len(code) != 2 or not code.isalpha():
        raise CellError("country", "Use a two-letter country code, such as US.")
    return code


def number(cell: str, _context: Context) -> float:
    digits = re.sub(r"[\s$€£]", "", cell).removesuffix("%")
    if not NUMBER.fullmatch(digits) or not any(map(str.isdigit, digits)):
        raise CellError("number", "This isn't a number.")
    if sum(map(str.isdigit, digits)) > MOST_DIGITS:
        raise CellError("number", f"This number has more than {MOST_DIGITS} digits.")
    return float(digits.replace(",", ""))


def _parsed(cell: str, formats: tuple[str, ...]) -> datetime | None:
    for each in formats:
        try:
            return datetime.strptime(cell, each)  # noqa: DTZ007 - the zone is added later
        except ValueError:
            continue
    return None


def day(cell: str, _context: Context) -> date:
    if found := _parsed(" ".join(cell.split()), DATES):
        return found.date()
    try:
        return datetime.fromisoformat(cell).date()
    except ValueError as error:
        raise CellError("date", "This isn't a date. Use month/day/year or 2026-01-31.") from error


def moment(cell: str, context: Context) -> datetime:
    """Read a date, or a date and time in the time zone of the person who imports."""
    try:
        found = datetime.fromisoformat(cell)
    except ValueError:
        words = " ".join(cell.replace("T", " ").split())
        first, _, rest = words.partition(" ")
        if (at := _parsed(rest.upper(), TIMES)) and rest:
            found = datetime.combine(day(first, context), at.time())
        else:
            found = datetime.combine(day(words, context), time())
    return found if found.tzinfo else found.replace(tzinfo=context.zone)


def custom(row: CustomField) -> Clean:
    """Return a function that reads values of a custom field, as they're stored in JSON."""
    readers: dict[str, Callable[[str, Context], Any]] = {
        CustomField.Kind.TEXT: text(2000),
        CustomField.Kind.NUMBER: number,
        CustomField.Kind.DATE: lambda cell, context: day(cell, context).isoformat(),
        CustomField.Kind.CHOICE: _choice(row),
        CustomField.Kind.USER: lambda cell, context: owner(cell, context).pk,
    }
    return readers[row.kind]


def _choice(row: CustomField) -> Clean:
    choices = {str(choice).casefold(): choice for choice in row.choices}

    def clean(cell: str, _context: Context) -> Any:
        if cell.casefold() in choices:
            return choices[cell.casefold()]
        raise CellError("choice", f"“{row.name}” doesn't have this choice."[:200])

    return clean
