"""Share one installation between all tests in this folder: creating it takes half a minute."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from tests.databases import empty_database
from tests.production import nginx
from tests.production.installation import ADMINISTRATOR, PASSWORD, Installation
from tests.production.visitor import Visitor

OUR_NUMBER = "+14155550100"


@contextmanager
def almost_empty_database(folder: Path) -> Iterator[str]:
    """Create a database for the README's commands, and yield its URL.

    In `make test`, all tables but one are there: creating them takes many CPU seconds, and
    `tests/on_both.py` has done it with the same command.
    """
    template = os.environ.get("MIGRATED_TEMPLATE", "template1")
    with empty_database(folder, "production", template) as url:
        if template != "template1":
            with psycopg.connect(url) as database:
                database.execute("DROP TABLE django_session")
                database.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
        yield url


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    assert connection.vendor == "postgresql"
    if not nginx.is_installed():
        pytest.fail(nginx.INSTRUCTION)
    folder = tmp_path_factory.mktemp("production")
    with (
        almost_empty_database(folder) as url,
        Installation(folder, url) as installation,
    ):
        yield installation


@pytest.fixture(scope="module")
def database(site: Installation) -> Iterator[psycopg.Connection]:
    with psycopg.connect(site.database_url, autocommit=True) as database:
        yield database


@pytest.fixture
def anonymous(site: Installation) -> Visitor:
    return site.visitor()


@pytest.fixture(scope="module")
def administrator(site: Installation) -> Visitor:
    """Create the first account with the link that the README's command printed."""
    visitor = site.visitor()
    output = next(out for command, out in site.outputs.items() if "setup_link" in command)
    visitor.submit(
        urlsplit(output.split()[-1]).path,
        organization="Acme",
        first_name="Ines",
        last_name="Ruiz",
        email=ADMINISTRATOR,
        password1=PASSWORD,
        password2=PASSWORD,
    )
    visitor.set_up_app()
    return visitor


@pytest.fixture(scope="module")
def rep(site: Installation, administrator: Visitor, database: psycopg.Connection) -> Visitor:
    """Sign in a rep of the organization that the administrator has set up."""
    add = administrator.submit
    row = database.execute("SELECT id FROM accounts_organization").fetchone()
    assert row is not None
    fields = {"organization": str(row[0])}
    add(
        "/admin/accounts/user/add/",
        username="rita",
        password1=PASSWORD,
        password2=PASSWORD,
        role="rep",
        **fields,
    )
    add("/admin/messaging/sendernumber/add/", phone=OUR_NUMBER, carrier="sandbox", **fields)
    visitor = site.visitor()
    visitor.sign_in("rita", PASSWORD)
    return visitor


@pytest.fixture(scope="module")
def lead(rep: Visitor) -> str:
    """Return the path of a lead whose number is a landline."""
    return new_lead(rep, "Bluebird Bakery", "+15005550106")


def new_lead(rep: Visitor, name: str, phone: str) -> str:
    path = rep.submit("/leads/new/", name=name).url.removeprefix(rep.base)
    contact = {"name": f"Ada of {name}", "phones-0-phone": phone}
    rep.submit(f"{path}contacts/new/", **contact)
    return path
