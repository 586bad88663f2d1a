import pytest
from django.test import Client

from smscenter.accounts.models import Organization, User
from tests import factories


@pytest.fixture
def manager(organization: Organization) -> User:
    return factories.user(organization, "mona", role=User.Role.MANAGER)


@pytest.fixture
def as_manager(manager: User) -> Client:
    client = Client()
    client.force_login(manager)
    return client
