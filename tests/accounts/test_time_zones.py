"""Times are shown in each reader's time zone."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from leads.models import Lead
from smscenter.accounts.models import Organization, User

pytestmark = pytest.mark.once

MOMENT = datetime(2026, 1, 15, 18, 30, tzinfo=UTC)


@pytest.fixture
def page(as_rep: Client, lead: Lead) -> str:
    lead.notes.create(organization=lead.organization, text="Called", created=MOMENT)
    return lead.get_absolute_url()


@pytest.mark.parametrize(
    ("zone", "time"),
    [
        ("", "January 15, 2026, 1:30:00 PM EST"),
        ("America/Los_Angeles", "January 15, 2026, 10:30:00 AM PST"),
        ("Asia/Kolkata", "January 16, 2026, 12:00:00 AM IST"),
    ],
    ids=["the organization's", "the reader's", "already tomorrow"],
)
def test_a_time_is_shown_in_the_readers_zone(
    as_rep: Client, rep: User, page: str, zone: str, time: str
) -> None:
    User.objects.filter(pk=rep.pk).update(time_zone=zone)
    assert time in as_rep.get(page).content.decode()


def test_the_organizations_zone_can_change(
    as_rep: Client, organization: Organization, page: str
) -> None:
    Organization.objects.update(time_zone="America/Chicago")
    assert "12:30:00 PM CST" in as_rep.get(page).content.decode()


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "EST5EDT4"])
def test_a_zone_that_does_not_exist_is_refused(organization: Organization, name: str) -> None:
    organization.time_zone = name
    with pytest.raises(ValidationError, match="isn't a time zone"):
        organization.full_clean()


def test_staff_without_an_organization_see_utc(db: None) -> None:
    assert User(username="susan", is_staff=True).zone.key == "UTC"
