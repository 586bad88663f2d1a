import pytest

from leads.models import ContactPhone, Lead
from messaging.models import SenderNumber
from tests import factories


@pytest.fixture
def phone(lead: Lead) -> ContactPhone:
    return factories.contact(lead).phones.get()


@pytest.fixture
def sender(lead: Lead) -> SenderNumber:
    return factories.sender(lead.organization)
