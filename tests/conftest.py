"""Three people are in every story: the owner of a lead, a colleague, and a stranger."""

import logging
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.test import Client, TransactionTestCase
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker, Settings

from leads.models import Lead
from search.answering import view_counts
from smscenter.accounts.models import Organization, User
from smscenter.support.models import Evidence
from tests import factories
from tests.emptying import Migrated
from tests.logs import Lines
from tests.support.mail_server import MailServer

# The suite tries the same examples each time; `pytest --hypothesis-profile=thorough` tries others.
hypothesis_settings.register_profile(
    "suite", max_examples=60, derandomize=True, deadline=None, database=None
)
hypothesis_settings.register_profile("thorough", max_examples=3000, deadline=None, database=None)
hypothesis_settings.load_profile("suite")


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:  # extends the one of pytest-django
    with django_db_blocker.unblock():
        migrated = Migrated.read()
        migrated.restore()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: migrated.restore())
        yield
    with django_db_blocker.unblock():
        end_other_connections()


def end_other_connections() -> None:
    """PostgreSQL drops no database that a server's or a worker's thread is still connected to."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def fast_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def nothing_is_counted_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of another test had the same ids, and their views may have the same counts."""
    cache.clear()
    monkeypatch.setattr(view_counts, "turns", view_counts.Turns())


@pytest.fixture(scope="session")
def files_of_all_tests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("private_files")


@pytest.fixture(autouse=True)
def private_files(files_of_all_tests: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where uploaded files go during a test. The first file creates the folder: few tests need one.

    `tmp_path` would create 5,000 of them, and look at all of them for the name of the next.
    """
    folder = files_of_all_tests / uuid4().hex
    monkeypatch.setattr(Evidence._meta.get_field("file"), "storage", FileSystemStorage(folder))
    return folder


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[MailServer]:
    """Run a real mail server, which this installation sends its mails to."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    with MailServer() as server:
        settings.EMAIL_PORT = server.port
        yield server


@pytest.fixture
def organization(db: None) -> Organization:
    return factories.organization("acme")


@pytest.fixture
def rep(organization: Organization) -> User:
    return factories.user(organization, "rita")


@pytest.fixture
def colleague(organization: Organization) -> User:
    return factories.user(organization, "carl")


@pytest.fixture
def stranger(db: None) -> User:
    return factories.user(factories.organization("rival"), "sam")


@pytest.fixture
def supporter(db: None) -> User:
    """One of the support staff, who may do what their group may."""
    person = factories.user(None, "sven", is_staff=True, email="sven@support.example")
    person.groups.add(factories.support_group())
    return person


@pytest.fixture
def lead(rep: User) -> Lead:
    return factories.lead(rep, "Bluebird Bakery")


@pytest.fixture
def as_rep(client: Client, rep: User) -> Client:
    client.force_login(rep)
    return client


@pytest.fixture
def as_stranger(stranger: User) -> Client:
    client = Client()
    client.force_login(stranger)
    return client


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Return the log lines of the test."""
    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)
