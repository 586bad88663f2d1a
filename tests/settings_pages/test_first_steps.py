"""A new organization is led to its first text. Nobody gets a default password."""

import re
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from leads.models import LeadStatus
from messaging.models import SmsMessage
from smscenter.accounts import mails
from smscenter.accounts.models import Invitation, Organization, User
from tests import factories
from tests.html import html_of
from tests.support.mail_server import MailServer, text_of

pytestmark = pytest.mark.once
SETUP = {
    "organization": "Acme Solar",
    "time_zone": "America/Denver",
    "first_name": "Olga",
    "last_name": "Nash",
    "email": "olga@acme.example",
    "password1": "a staple for horses",
    "password2": "a staple for horses",
}


def link(*command: str) -> str:
    """Run a command, and return the path of the link that it prints."""
    output = StringIO()
    call_command(*command, stdout=output)
    return urlsplit(output.getvalue().split()[-1]).path


def test_the_first_account_is_made_by_a_link_once(client: Client, db: None) -> None:
    path = link("setup_link")
    page = client.post(path, SETUP | {"password2": "other"})
    assert "The two password fields" in html_of(page)
    page = client.post(path, SETUP, follow=True)
    assert "Get started" in html_of(page)
    owner = User.objects.get()
    assert (owner.role, owner.is_superuser, str(owner.organization)) == (
        User.Role.OWNER,
        True,
        "Acme Solar",
    )
    assert LeadStatus.objects.visible_to(owner).count() == 5
    assert Client().get(path).status_code == 404
    with pytest.raises(CommandError, match="already an account"):
        link("setup_link")


def test_an_operator_creates_an_organization_and_invites_its_owner(
    client: Client, db: None, mail_server: MailServer
) -> None:
    command = ("createorganization", "Acme Solar", "--owner", "Olga@acme.example", "--mail")
    path = link(*command)
    assert mails.send_due() == 1
    received = mail_server.box.mails[0]
    assert received["Subject"] == "Acme Solar is set up on SMS Center"
    assert path in text_of(received)
    assert "Your email is <strong>olga@acme.example" in html_of(client.get(path))
    person = {"first_name": "Olga", "password": SETUP["password1"]}
    page = client.post(path, person, follow=True)
    assert "Get started" in html_of(page)
    owner = User.objects.get()
    assert (owner.role, owner.email, owner.is_staff) == ("owner", "olga@acme.example", False)
    assert "was used before" in html_of(Client().get(path))
    with pytest.raises(CommandError, match="already an account"):
        link(*command)
    link("createorganization", "Acme Solar", "--owner", "other@acme.example")
    assert {*Organization.objects.values_list("slug", flat=True)} == {"acme-solar", "acme-solar-2"}


def test_the_checklist_shows_the_next_step_until_all_are_done(
    as_manager: Client, manager: User
) -> None:
    page = html_of(as_manager.get("/"))
    assert 'href="/senders/new/">Add a number' in page
    assert "Add a lead" not in page
    assert re.search(r'<h3><a href="/leads/[^"]*">Add your leads</a>', page)
    assert manager.organization is not None
    sender = factories.sender(manager.organization)
    lead = factories.lead(manager)
    page = html_of(as_manager.get("/"))
    assert 'action="/sample-failures/"' in page
    page = html_of(as_manager.post("/sample-failures/", follow=True))
    assert 'class="composer open"' in page
    factories.message(lead, sender=sender, direction=SmsMessage.Direction.OUTGOING)
    Invitation.objects.create(organization=manager.organization, email="nora@acme.example")
    assert "Get started" not in html_of(as_manager.get("/"))
    assert Organization.objects.get().first_steps_closed


def test_the_checklist_is_dismissed_for_everyone_and_not_shown_to_reps(
    as_manager: Client, as_rep: Client, manager: User
) -> None:
    assert "Get started" not in html_of(as_rep.get("/"))
    as_rep.post("/first-steps/dismiss/")
    assert "Get started" in html_of(as_manager.get("/"))
    page = as_manager.post("/first-steps/dismiss/", follow=True)
    assert "Get started" not in html_of(page)
