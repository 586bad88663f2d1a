"""Problems are reported before sending, each with its reason."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from messaging.composing import preflight
from messaging.composing.verdicts import Level, Verdict
from messaging.models import OptOut, Recipient, SenderNumber
from messaging.models.reason import Reason
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.factories import MOBILE

pytestmark = pytest.mark.once

# 11 am in San Francisco, 2 pm in New York.
DAY = datetime(2026, 5, 12, 18, tzinfo=UTC)


@pytest.fixture
def sender(organization: Organization) -> SenderNumber:
    return factories.sender(organization)


def check(of: SenderNumber, **question: Any) -> list[Verdict]:
    defaults: dict[str, Any] = {
        "organization": of.organization,
        "sender": of,
        "to": MOBILE,
        "text": "Hello",
        "at": DAY,
    }
    return preflight.check(**defaults | question)


def only(verdicts: list[Verdict]) -> Verdict:
    assert len(verdicts) == 1, verdicts
    return verdicts[0]


def test_an_ordinary_text_passes(sender: SenderNumber) -> None:
    assert check(sender) == []
    assert check(sender, to="(415) 555-0123 ext. 9") == []


def test_a_check_takes_at_most_two_queries(
    sender: SenderNumber, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for source in OptOut.Source:
        OptOut.objects.record(sender.organization, MOBILE, source=source)
    with django_assert_max_num_queries(2):
        assert check(sender, text="’" * 700)


def test_a_missing_sender_is_refused(sender: SenderNumber) -> None:
    assert only(check(sender, sender=None)).code == "no_sender"


def test_the_error_for_an_inactive_sender_names_its_number(sender: SenderNumber) -> None:
    sender.active = False
    verdict = only(check(sender))
    assert (verdict.code, verdict.reason) == ("inactive_sender", Reason.SENDER_CONFIG)
    assert "(212) 555-0100" in verdict.message


def test_a_number_of_another_organization_is_refused(sender: SenderNumber, stranger: User) -> None:
    verdict = only(check(sender, organization=stranger.organization))
    assert (verdict.level, verdict.code) == (Level.REFUSAL, "foreign_sender")


def test_an_unregistered_sender_is_a_warning(sender: SenderNumber) -> None:
    sender.registered = False
    verdict = only(check(sender))
    assert (verdict.level, verdict.reason) == (Level.WARNING, Reason.UNREGISTERED_SENDER)


@pytest.mark.parametrize("text", ["", " \r\n\t "])
def test_an_empty_text_is_refused(sender: SenderNumber, text: str) -> None:
    assert only(check(sender, text=text)).code == "empty_text"


@pytest.mark.parametrize("to", ["", "Ada", "911", "+1911", "988", "555-0123", "+1415555012345"])
def test_text_that_is_not_a_phone_number_is_refused(sender: SenderNumber, to: str) -> None:
    verdict = only(check(sender, to=to))
    assert (verdict.level, verdict.code) == (Level.REFUSAL, "not_a_number")
    assert verdict.reason == Reason.INVALID_NUMBER


@pytest.mark.parametrize(
    ("to", "place"),
    [
        ("+18765551234", "Jamaica, +1 876"),
        # This number doesn't exist, but is reported as foreign, not invalid.
        ("+1 (242) 555-0123", "the Bahamas, +1 242"),
        ("787-555-1234", "Puerto Rico, +1 787"),
        ("340 555 1234", "the U.S. Virgin Islands, +1 340"),
        ("+442071838750", "the United Kingdom, +44"),
        ("+80012345678", "an international network, +800"),
    ],
)
def test_the_error_for_a_foreign_number_names_the_country(
    sender: SenderNumber, to: str, place: str
) -> None:
    verdict = only(check(sender, to=to))
    assert (verdict.level, verdict.reason) == (Level.REFUSAL, Reason.UNSUPPORTED_COUNTRY)
    assert verdict.message == (
        f"This number is in {place}. "
        "You can only text numbers in the United States and Canada."
    )  # fmt: skip


def test_an_organization_can_allow_territories(sender: SenderNumber) -> None:
    sender.organization.regions = ["US", "CA", "PR"]
    assert check(sender, to="787-555-1234") == []
    refused = only(check(sender, to="671-555-1234"))
    assert "only text numbers in the United States, Canada, and Puerto Rico." in refused.message


def test_an_organization_without_allowed_places_gets_an_error(sender: SenderNumber) -> None:
    sender.organization.regions = []
    assert only(check(sender)).message.endswith("has no countries set up for texting.")


def test_an_unusual_number_is_only_a_warning(sender: SenderNumber) -> None:
    verdict = check(sender, to="+19995550123")[0]
    assert (verdict.level, verdict.code) == (Level.WARNING, "not_valid")
    assert not preflight.refusals(check(sender, to="+19995550123"))


@pytest.mark.parametrize(
    ("to", "code"), [("+18005551212", "toll_free"), ("+19005551234", "premium")]
)
def test_toll_free_and_premium_numbers_are_a_warning(
    sender: SenderNumber, to: str, code: str
) -> None:
    verdicts = check(sender, to=to)
    assert verdicts[0].code == code
    assert not preflight.refusals(verdicts)


@pytest.mark.parametrize("last", range(10))
def test_test_numbers_of_the_carrier_are_never_refused(sender: SenderNumber, last: int) -> None:
    sender.organization.regions = ["CA"]
    assert not preflight.refusals(check(sender, to=f"+1500555000{last}"))


@pytest.mark.parametrize(
    ("source", "words", "how"),
    [
        (OptOut.Source.KEYWORD, "Stop", "by replying “Stop”. Only they can undo that, by texting"),
        (OptOut.Source.CARRIER, "", "as reported by the carrier. Only they can undo that, by text"),
        (OptOut.Source.WORDING, "enough", "by writing “enough”"),
        (OptOut.Source.STAFF, "", "as recorded by your staff. Only they can undo that, by text"),
    ],
)
def test_an_opted_out_recipient_is_refused_with_date_and_source(
    sender: SenderNumber, source: OptOut.Source, words: str, how: str
) -> None:
    learned = OptOut.objects.record(
        sender.organization, MOBILE, source=source, sender=sender, words=words
    )
    OptOut.objects.filter(pk=learned.pk).update(created=datetime(2026, 5, 3, 12, tzinfo=UTC))
    verdict = only(check(sender))
    assert (verdict.level, verdict.reason) == (Level.REFUSAL, Reason.OPTED_OUT)
    assert verdict.message.startswith("This person opted out on May 3, 2026 (UTC), ")
    assert how in verdict.message


def test_an_opt_out_from_another_number_does_not_count(sender: SenderNumber) -> None:
    other = factories.sender(sender.organization, phone="+12125550101")
    OptOut.objects.record(sender.organization, MOBILE, source=OptOut.Source.KEYWORD, sender=other)
    assert check(sender) == []
    assert only(check(other)).code == "opted_out"


def test_an_opt_out_from_the_whole_organization_counts_for_each_number(
    sender: SenderNumber,
) -> None:
    OptOut.objects.record(sender.organization, MOBILE, source=OptOut.Source.STAFF)
    other = factories.sender(sender.organization, phone="+12125550101")
    assert {only(check(each)).code for each in (sender, other)} == {"opted_out"}


def test_an_opt_out_of_another_organization_does_not_count(
    sender: SenderNumber, stranger: User
) -> None:
    assert stranger.organization is not None
    OptOut.objects.record(stranger.organization, MOBILE, source=OptOut.Source.KEYWORD)
    assert check(sender) == []


def test_an_ended_opt_out_does_not_count(sender: SenderNumber) -> None:
    OptOut.objects.record(sender.organization, MOBILE, source=OptOut.Source.KEYWORD, sender=sender)
    OptOut.objects.end_by_recipient(sender.organization, MOBILE, sender=sender, words="START")
    assert check(sender) == []


def test_a_possible_opt_out_is_quoted(sender: SenderNumber) -> None:
    def learn(*, certain: bool, source: OptOut.Source) -> None:
        OptOut.objects.record(
            sender.organization, MOBILE, source=source, words="no more of this", certain=certain
        )

    learn(certain=False, source=OptOut.Source.WORDING)
    verdict = only(check(sender))
    assert (verdict.level, verdict.code) == (Level.WARNING, "maybe_opted_out")
    assert "“no more of this”" in verdict.message
    learn(certain=True, source=OptOut.Source.CARRIER)
    assert only(check(sender)).level == Level.REFUSAL


def test_a_landline_is_refused_until_marked_as_textable(
    sender: SenderNumber, rep: User, settings: Settings
) -> None:
    settings.FORGET_LANDLINES_DAYS = 0  # forever
    recipient = Recipient.objects.create(
        organization=sender.organization,
        phone=MOBILE,
        capability=Recipient.Capability.NOT_SMS_CAPABLE,
        capability_at=datetime(2026, 5, 3, 12, tzinfo=UTC),
    )
    verdict = only(check(sender))
    assert (verdict.level, verdict.code) == (Level.REFUSAL, "not_sms_capable")
    assert verdict.reason == Reason.NOT_SMS_CAPABLE
    assert "marked as a landline on May 3, 2026 (UTC)." in verdict.message
    recipient.allow(rep)
    assert check(sender) == []


def test_quiet_hours_are_a_warning_with_the_time_there(sender: SenderNumber) -> None:
    verdict = only(check(sender, at=datetime(2026, 5, 12, 13, 5, tzinfo=UTC)))
    assert (verdict.level, verdict.reason) == (Level.WARNING, Reason.QUIET_HOURS)
    assert verdict.message.startswith("It's 6:05 AM where the recipient is.")


def test_quiet_hours_in_two_time_zones_name_both(sender: SenderNumber) -> None:
    # Idaho: 8:30 am in Boise, 7:30 am in the north.
    at = datetime(2026, 5, 12, 14, 30, tzinfo=UTC)
    assert "between 7:30 AM and 8:30 AM" in only(check(sender, to="+12085551234", at=at)).message


def test_more_segments_than_the_carrier_takes_are_refused(sender: SenderNumber) -> None:
    verdict = only(check(sender, text="a" * 1531))
    assert (verdict.level, verdict.reason) == (Level.REFUSAL, Reason.TOO_LONG)
    assert "11 segments" in verdict.message


@pytest.mark.parametrize(("length", "codes"), [(459, []), (460, ["many_segments"])])
def test_more_than_three_segments_are_a_warning(
    sender: SenderNumber, length: int, codes: list[str]
) -> None:
    assert [verdict.code for verdict in check(sender, text="a" * length)] == codes


def test_costly_characters_are_named_with_the_possible_savings(sender: SenderNumber) -> None:
    verdict = only(check(sender, text="It’s\u00a0here… " + "a" * 100))
    assert (verdict.level, verdict.code) == (Level.WARNING, "costly_characters")
    assert verdict.message == (
        "This text takes 2 segments because of curly apostrophes, a no-break space, and “…”. "
        "With plain characters it would be 1 segment."
    )


def test_a_costly_emoji_is_named_too(sender: SenderNumber) -> None:
    verdict = only(check(sender, text="👍" + "a" * 100))
    assert verdict.message.endswith(
        "because of “👍”. Without these characters it would be 1 segment."
    )


def test_letters_of_another_script_are_not_called_costly(sender: SenderNumber) -> None:
    assert check(sender, text="Здравствуйте, " * 8) == []
