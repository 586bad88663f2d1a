"""Names of people and their small businesses."""

import random

from smscenter.demo.texts import lines

FIRST_NAMES = lines("first_names")
LAST_NAMES = lines("last_names")
BUSINESS_NAMES = lines("business_names")
TRADES = lines("trades")
TITLES = (
    "Owner",
    "Office Manager",
    "General Manager",
    "Facilities Manager",
    "Bookkeeper",
    "Operations Lead",
    "Co-owner",
    "Site Manager",
    "Director",
    "",
)
PATTERNS = ("{called} {trade}", "{called} {trade}", "{last} & Sons {trade}", "{city} {trade}",
            "{last} {trade}", "{called} {trade} of {city}")  # fmt: skip
STREETS = ("Main St", "Oak Ave", "Industrial Pkwy", "2nd St", "Mill Rd", "Commerce Dr", "Lake Ave",
           "Station Rd", "Church St", "County Road 9")  # fmt: skip


def person(rng: random.Random) -> str:
    return f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"


def company(rng: random.Random, city: str) -> str:
    return rng.choice(PATTERNS).format(
        called=rng.choice(BUSINESS_NAMES),
        trade=rng.choice(TRADES),
        last=rng.choice(LAST_NAMES),
        city=city,
    )


def domain(company: str) -> str:
    """Return an address under .example, which no one can register."""
    letters = company.replace("&", "and").encode("ascii", "ignore").decode().lower()
    return "".join(filter(str.isalnum, letters))[:40] + ".example"


def mailbox(name: str) -> str:
    letters = name.encode("ascii", "ignore").decode().lower().replace("'", "")
    return ".".join(letters.split()) or "office"
