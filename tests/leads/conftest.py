import pytest
from django.test import Client

from smscenter.accounts.models import User


@pytest.fixture
def manager(rep: User) -> User:
    User.objects.filter(pk=rep.pk).update(role=User.Role.MANAGER)
    rep.refresh_from_db()
    return rep


@pytest.fixture
def as_manager(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client
