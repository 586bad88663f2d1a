"""Anyone can create an organization if OPEN_SIGN_UP is on, after they confirmed their email."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from leads.models import LeadStatus
from smscenter.accounts import mails
from smscenter.accounts.models import AccountMail, Organization, User
from smscenter.accounts.organizations import sign_up
from tests.html import html_of
from tests.support.mail_server import MailServer, text_of

pytestmark = pytest.mark.once
FORM = {
    "organization": "Acme Solar",
    "time_zone": "America/Denver",
    "first_name": "Olga",
    "last_name": "Nash",
    "password1": "a staple for horses",
    "password2": "a staple for horses",
}


@pytest.fixture
def _open(settings: Settings, db: None) -> None:
    settings.OPEN_SIGN_UP = True


@pytest.mark.usefixtures("_open")
def test_a_stranger_creates_an_organization(client: Client, mail_server: MailServer) -> None:
    assert "Sign up" in html_of(client.get("/sign-in/"))
    page = client.post("/sign-up/", {"email": "Olga@acme.example"}, follow=True)
    assert "We sent you a link." in html_of(page)
    assert not User.objects.exists()
    assert mails.send_due() == 1
    received = mail_server.box.mails[0]
    assert received["Subject"] == "Create your organization"
    link = re.search(r"http://127.0.0.1:8000(/sign-up/\S+)", text_of(received))
    assert link
    page = client.post(link[1], FORM | {"password2": "other"})
    assert "The two password fields" in html_of(page)
    page = client.post(link[1], FORM, follow=True)
    assert "Get started" in html_of(page)
    owner = User.objects.get()
    assert (owner.email, owner.role, owner.is_staff) == ("olga@acme.example", "owner", False)
    assert LeadStatus.objects.visible_to(owner).exists()
    assert "has an account" in html_of(Client().get(link[1]))
    assert Client().post(link[1], FORM).status_code == 200
    assert Organization.objects.count() == 1


@pytest.mark.usefixtures("_open")
def test_a_known_email_gets_another_mail_and_the_same_page(
    client: Client, rep: User, mail_server: MailServer
) -> None:
    User.objects.filter(pk=rep.pk).update(email="rita@acme.example")
    page = client.post("/sign-up/", {"email": "Rita@acme.example"}, follow=True)
    assert "We sent you a link." in html_of(page)
    mails.send_due()
    assert mail_server.box.mails[0]["Subject"] == "You already have an account"
    assert "/sign-up/" not in text_of(mail_server.box.mails[0])


@pytest.mark.usefixtures("_open")
def test_one_address_gets_few_links(client: Client) -> None:
    for number in range(5):
        client.post("/sign-up/", {"email": f"{number}@acme.example"})
    assert client.post("/sign-up/", {"email": "6@acme.example"}).status_code == 429
    assert AccountMail.objects.count() == 5


def test_without_the_setting_people_need_an_invitation(client: Client, db: None) -> None:
    assert "Sign up" not in html_of(client.get("/sign-in/"))
    page = client.post("/sign-up/", {"email": "olga@acme.example"})
    assert "You need an invitation to SMS Center." in html_of(page)
    assert not AccountMail.objects.exists()
    assert client.get(sign_up.path_for("olga@acme.example")).status_code == 404
