"""Administrators see an organization on one page, invite people to it, and search its texts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.models import SmsMessage
from smscenter.accounts.models import AccountMail, Invitation, Organization, User
from smscenter.audit.recording import record
from tests import factories
from tests.test_admin import make_rows, page

pytestmark = pytest.mark.once


@pytest.fixture
def root(db: None) -> User:
    return factories.user(None, "root", is_staff=True, is_superuser=True)


@pytest.fixture
def as_root(client: Client, root: User) -> Client:
    client.force_login(root)
    return client


def test_an_organization_has_an_overview(as_root: Client, root: User) -> None:
    make_rows(1)
    make_rows(2)
    organization = Organization.objects.get(slug="org-1")
    record("signed_in", by=User.objects.get(username="user-1"))
    url = page(Organization, "overview", organization.pk)
    opened = as_root.get(url)
    shown = {each.panel.name: len(each.rows) for each in opened.context["shown"]}
    assert shown == {
        "facts": 3,
        "members": 1,
        "invitations": 1,
        "senders": 1,
        "carriers": 1,
        "texts": 3,
        "requests": 0,
        "imports": 0,
        "exports": 0,
        "sign_ins": 1,
    }
    assert "org-2" not in opened.text
    with CaptureQueriesContext(connection) as captured:
        as_root.get(url)
    assert len(captured) <= 20
    User.objects.filter(pk=root.pk).update(is_superuser=False)
    assert as_root.get(url).status_code == 403


def test_an_administrator_invites_and_sends_a_new_link(as_root: Client) -> None:
    organization = factories.organization("acme")
    form = {"organization": organization.pk, "email": "Ada@acme.example", "role": "owner"}
    as_root.post(page(Invitation, "add"), form)
    invitation = Invitation.objects.get()
    assert (invitation.email, str(invitation.invited_by)) == ("ada@acme.example", "root")
    chosen = {"action": "send_again", "_selected_action": [invitation.pk]}
    as_root.post(page(Invitation, "changelist"), chosen)
    assert AccountMail.objects.filter(to="ada@acme.example").count() == 2


def test_words_of_texts_are_found_in_time_order_in_an_organization(as_root: Client) -> None:
    make_rows(1)
    message = SmsMessage.objects.get()
    later = message.created + timedelta(hours=1)
    for created in (later, message.created - timedelta(hours=1)):
        factories.message(message.lead, text="Zürich at noon", created=created)
    url = page(SmsMessage, "changelist")
    assert "choose an organization first" in as_root.get(url, {"q": "zurich"}).text
    chosen = {"organization__id__exact": str(message.organization_id)}
    listed = as_root.get(url, {"q": "zurich"} | chosen).context["cl"].result_list
    assert [row.created for row in listed] == [later, message.created - timedelta(hours=1)]
    assert len(as_root.get(url, chosen).context["cl"].result_list) == 3
