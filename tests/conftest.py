"""Fixtures for all tests: a rep with a lead, a colleague, and another organization."""

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import LazySettings, settings
from django.conf import Settings as PlainSettings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.core.files.storage import FileSystemStorage
from django.db import connection, transaction
from django.template import Context, Template
from django.test import Client, TransactionTestCase
from django.test.client import ClientHandler
from django.test.utils import instrumented_test_render  # type: ignore[attr-defined]
from django.utils.safestring import SafeString
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker, Settings

from leads.models import Lead, LeadImport
from messaging.carriers import outages
from messaging.models import MediaFile
from search import slow_searches
from search.answering import view_counts
from smscenter.accounts.models import Organization, User
from smscenter.exports.models import Archive
from smscenter.support.models import Evidence
from tests import factories
from tests.database_reset import Migrated
from tests.logs import Lines
from tests.support.mail_server import MailServer

# The imported modules and collected tests stay, so looking for garbage among them is in vain.
gc.disable()

# The suite always tries the same examples; `pytest --hypothesis-profile=thorough` tries others.
hypothesis_settings.register_profile(
    "suite", max_examples=60, derandomize=True, deadline=None, database=None
)
hypothesis_settings.register_profile("thorough", max_examples=3000, deadline=None, database=None)
hypothesis_settings.load_profile("suite")


@pytest.hookimpl(tryfirst=True)  # before `-m` selects the tests of a run
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that pytest-django keeps from the database: no database changes their result."""
    fixtures, marks = {"db", "transactional_db", "live_server"}, ("django_db", "own_database")
    for item in items:
        used = fixtures & {*getattr(item, "fixturenames", ())}
        if not (used or any(map(item.get_closest_marker, marks))):
            item.add_marker(pytest.mark.once)


def pytest_markeval_namespace() -> dict[str, object]:
    """Name what `skipif` asks for, as a string: the database is chosen after imports."""
    return {"connection": connection}


def force_login(client: Client, user: User) -> None:
    """Sign in a user, four times as fast as Django: no signal is sent, no row changed."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)


@pytest.fixture(scope="session", autouse=True)
def fast_sign_in() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "force_login", force_login)
        yield


def render(template: Template, context: Context) -> SafeString:
    """Render a template, and let the test client keep the context of a page as a whole.

    Django keeps a copy for each template that a page includes: 300 of them for a list.
    """
    if context.template is template:
        html: SafeString = instrumented_test_render(template, context)
        return html
    return template.nodelist.render(context)


@pytest.fixture(scope="session", autouse=True)
def fast_rendering(django_test_environment: None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", render)
        yield


@pytest.fixture(scope="session", autouse=True)
def fast_settings(django_test_environment: None) -> Iterator[None]:
    """Read settings as attributes. Django's own method for it takes a fiftieth of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LazySettings, "__getattribute__", object.__getattribute__, raising=False)
        yield


# What loading the middleware sets.
LOADED = (
    *("_view_middleware", "_template_response_middleware", "_exception_middleware"),
    "_middleware_chain",
)


@pytest.fixture(scope="session", autouse=True)
def fast_middleware(django_test_environment: None) -> Iterator[None]:
    """Make the middleware once, not for each client, except for tests that change settings."""
    load, kept = ClientHandler.load_middleware, ClientHandler()

    def load_once(handler: ClientHandler, is_async: bool = False) -> None:
        if not isinstance(settings._wrapped, PlainSettings):
            load(handler)
            return
        if "_middleware_chain" not in vars(kept):
            load(kept)
        vars(handler).update({name: vars(kept)[name] for name in LOADED})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", load_once)
        yield


def pytest_collection_finish() -> None:
    """Collect garbage seldom: the modules and tests that stay in memory make it slow."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:  # extends pytest-django's fixture
    with django_db_blocker.unblock():
        migrated = Migrated.read()
        migrated.restore()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: migrated.restore())
        yield
    with django_db_blocker.unblock():
        end_other_connections()


def end_other_connections() -> None:
    """Close connections of server and worker threads, so that PostgreSQL can drop the database."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def clear_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clear cached view counts: rows of different tests have the same ids."""
    cache.clear()
    # Tests take longer than this on a busy machine.
    monkeypatch.setattr(outages, "KEPT_SECONDS", 60)
    monkeypatch.setattr(view_counts, "TURN_SECONDS", 60)
    # Another thread wouldn't see the rows of a test.
    monkeypatch.setattr(view_counts, "turns", view_counts.Turns(start=lambda turn: turn()))
    monkeypatch.setattr(slow_searches, "slots", slow_searches.Slots())


class Files(FileSystemStorage):
    """Keep uploaded files in a folder that each test changes."""

    folder = Path()

    @property
    def base_location(self) -> Path:
        return self.folder

    @property
    def location(self) -> str:
        return str(self.folder)


@pytest.fixture(scope="session")
def files_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("private_files")


@pytest.fixture(scope="session")
def files() -> Iterator[Files]:
    """Replace the storage of uploaded files. A new storage for each test takes a second a run."""
    storage = Files()
    with pytest.MonkeyPatch.context() as patch:
        for model in (Archive, Evidence, LeadImport, MediaFile):
            patch.setattr(model._meta.get_field("file"), "storage", storage)
        yield storage


@pytest.fixture(autouse=True)
def private_files(files: Files, files_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for a test's uploaded files. The first file creates it: few tests need one.

    `tmp_path` would create 5,000 folders, and scan all of them to name the next one.
    """
    folder = files_folder / uuid4().hex
    monkeypatch.setattr(files, "folder", folder)
    return folder


@contextmanager
def open_transaction(blocker: DjangoDbBlocker, files: Files, folder: Path) -> Iterator[None]:
    with (
        blocker.unblock(),
        transaction.atomic(),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(files, "folder", folder / uuid4().hex)
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="class")
def class_transaction(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, files: Files, files_folder: Path
) -> Iterator[None]:
    """Keep rows of fixtures for all tests of a class, and roll back after the last.

    What a test changes is rolled back after it.
    """
    with open_transaction(django_db_blocker, files, files_folder):
        yield


@pytest.fixture(scope="module")
def module_transaction(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, files: Files, files_folder: Path
) -> Iterator[None]:
    """Do the same for all tests of a module, none of which may be transactional."""
    with open_transaction(django_db_blocker, files, files_folder):
        yield


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[MailServer]:
    """Run a real mail server that this installation sends its mails to."""
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
    """Return a member of the support staff, with the permissions of the Support group."""
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
