import pytest

from leads.models import Lead
from messaging.models import SenderNumber
from smscenter.accounts.models import Organization, User
from smscenter.notifications.models import Notification
from tests import factories


@pytest.fixture
def number(organization: Organization) -> SenderNumber:
    return factories.sender(organization)


@pytest.fixture
def bakery(rep: User, number: SenderNumber) -> Lead:
    """Return a lead of the rep with a contact who can be texted."""
    lead = factories.lead(rep, "Bluebird Bakery")
    factories.contact(lead)
    return lead


def of(user: User) -> list[tuple[str, int]]:
    """Return the kinds and subjects of a person's unread notifications, oldest first."""
    rows = Notification.objects.visible_to(user).unread().order_by("pk")
    return list(rows.values_list("kind", "subject"))
