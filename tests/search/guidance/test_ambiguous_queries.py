"""Test how ambiguous queries are read."""

import pytest
from pytest_django import Settings

from leads.models import Lead
from search import run
from smscenter.accounts.models import User
from smscenter.database.time_limits import DEFAULTS
from tests import factories
from tests.search.conftest import NOW
from tests.search.results import names
from tests.search.words.test_leads import ALL, BAKERY, DOE, QUIET, ZURICH

pytestmark = pytest.mark.usefixtures("acme", "customs", "extras")


@pytest.mark.parametrize(
    ("query", "found"),
    [("name:🌞", ["Sun 🌞 Yoga"]), ("🌞", ["Sun 🌞 Yoga"]), ('"sun 🌞"', ["Sun 🌞 Yoga"]),
     ("name:yoga🌞", ["Sun 🌞 Yoga"]), ("not name:🌞 name:yoga", ["Rain Yoga"]),
     ("sms(text:🎉)", ["Rain Yoga"]), ("sms(🎉)", ["Rain Yoga"]), ("name:🎉", []),
     ("custom.Tags:🌞", ["Rain Yoga"]), ("sms(text:👍)", ["Sun 🌞 Yoga"])],
)  # fmt: skip
def test_emoji_can_be_searched(rep: User, query: str, found: list[str]) -> None:
    sun = factories.lead(rep, "Sun 🌞 Yoga")
    rain = factories.lead(rep, "Rain Yoga", custom={"Tags": "🌞"})
    factories.message(rain, text="Hooray 🎉🎉")
    factories.message(sun, text="Great 👍🏽")

    assert names(query, rep) == found
    assert run("lead", query, rep, NOW).warnings == ()


def test_no_rows_are_null(rep: User) -> None:
    for count in ("contacts", "failed_sms", "notes"):
        assert names(f"{count}:null", rep) == names(f"{count} = 0", rep)
    assert names("contacts:null", rep) == [QUIET, ZURICH]


def test_number_matches_the_sender_and_the_recipient(rep: User, acme: dict[str, Lead]) -> None:
    factories.message(acme["doe"], local_phone="+19175550100", remote_phone="+16505550199")

    for number in ("917", "650"):
        assert names(f"sms(number:{number})", rep) == [DOE]


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("phone", '"+1650555{:04}"', [BAKERY]),
        ("phone", "0{:03}", [BAKERY]),
        ("email", "ada{}@example.com", []),
        ("name", "n{}", []),
        ("custom.score", "{}", []),
        ("contacts", "{}", ALL),
    ],
)
def test_a_list_can_have_500_values(
    rep: User, field: str, value: str, found: list[str], settings: Settings
) -> None:
    # As long as users look, who don't look for 500 names one by one.
    settings.SEARCH_SECONDS = settings.SEARCH_SECONDS | {"looking": DEFAULTS["looking"]}
    values = ", ".join(value.format(number) for number in range(500))

    assert names(f"{field} in ({values})", rep) == found
    assert len(names(f"{field} not in ({values})", rep)) == len(ALL) - len(found)
