"""What each role may open and send to: every URL, every role, GET and POST."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from leads.models import Lead
from smscenter.accounts.models import User
from smscenter.accounts.roles import RANKS, role_permissions
from smscenter.wording import upperfirst
from tests import factories
from tests.address_roles import ROLES
from tests.addresses import PAGES, ROWS
from tests.test_tenancy import BY_NAME

pytestmark = pytest.mark.once

FORM = "application/x-www-form-urlencoded"
LEAST = {name: least for least, names in ROLES.items() for name in names}


def test_every_url_has_a_row() -> None:
    missing = {*ROWS, *PAGES} - {*LEAST}
    assert not missing, (
        f"Add {sorted(missing)} to tests/address_roles.py: who may open it, and who may send to it?"
    )
    assert sum(map(len, ROLES.values())) == len(LEAST), "A pattern is in two groups."


def cases() -> Iterator[tuple[str, str, str, bool]]:
    """Return each pattern with the roles just below and at what it takes: the others follow.

    What reps may do, the tests of each page do as reps.
    """
    for name, (to_open, to_send) in LEAST.items():
        for method, least in (("GET", to_open), ("POST", to_send)):
            if rank := RANKS.index(User.Role(least)):
                if least != User.Role.REP:
                    yield name, method, least, True
                yield name, method, RANKS[rank - 1], False


@pytest.fixture
def rows(rep: User) -> dict[str, Model]:
    made = factories.everything(rep, "Own")
    Authenticator.objects.all().delete()  # no device made it, so pages can't offer it
    return made


def test_each_role_reaches_what_it_may(client: Client, rep: User, rows: dict[str, Model]) -> None:
    client.force_login(rep)
    wrong = []
    for name, method, role, may in sorted(cases(), key=lambda case: (case[2], case[0])):
        User.objects.filter(pk=rep.pk).update(role=role)
        address = BY_NAME[name]
        row = rows[ROWS[name]].pk if name in ROWS else None
        url = address.url(**dict.fromkeys(address.arguments, row))
        with transaction.atomic():
            response: Any = client.generic(method, url, "x=1", FORM)
            transaction.set_rollback(True)
        if name.endswith("sign_out"):
            client.force_login(rep)
        if (response.status_code != 403) != may:
            wrong.append((name, method, role, response.status_code))
    assert not wrong


def test_a_read_only_member_changes_nothing_on_any_other_door(
    client: Client, rep: User, lead: Lead
) -> None:
    User.objects.filter(pk=rep.pk).update(role=User.Role.READ_ONLY)
    client.force_login(rep)
    for method in ("POST", "PUT", "PATCH", "DELETE", "SNEEZE"):
        assert client.generic(method, reverse("lead_edit", args=[lead.pk])).status_code == 403
    page = client.get(lead.get_absolute_url()).content.decode()
    assert "You have read-only access." in page
    assert "css/pages/read_only.css" in page
    assert client.post(reverse("theme"), {"theme": "dark"}).status_code == 302


def test_the_roles_page_has_a_sentence_for_each_permission(as_rep: Client) -> None:
    page = as_rep.get(reverse("roles")).content.decode()
    for permission in role_permissions:
        assert escape(upperfirst(permission.sentence)) in page
