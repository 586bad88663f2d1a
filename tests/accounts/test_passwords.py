"""People reset and change their password, and strangers learn nothing from that."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse

from smscenter.accounts import mails
from smscenter.accounts.models import AccountMail, User
from tests import factories
from tests.support.mail_server import MailServer, text_of

pytestmark = pytest.mark.once

NEW = "purple battery staple"


@pytest.fixture
def rita(rep: User) -> User:
    User.objects.filter(pk=rep.pk).update(email="Rita@acme.example")
    rep.refresh_from_db()
    return rep


def ask_for_link(client: Client, email: str) -> str:
    """Return the page after asking for a new password."""
    response = client.post(reverse("account_reset_password"), {"email": email}, follow=True)
    return response.content.decode()


def sign_in(client: Client, name: str, password: str) -> int:
    response = client.post(reverse("sign_in"), {"username": name, "password": password})
    return response.status_code


def link_in(text: str) -> str:
    found = re.search(r"http://127.0.0.1:8000(/\S+)", text)
    assert found
    return found[1]


@pytest.mark.parametrize("name", ["rita@acme.example", "RITA@ACME.EXAMPLE", "rita"])
def test_people_sign_in_by_email_or_username(client: Client, rita: User, name: str) -> None:
    assert sign_in(client, name, factories.PASSWORD) == 302
    assert sign_in(Client(), name, "wrong") == 200


def test_email_and_username_share_one_lockout(client: Client, rita: User) -> None:
    for number in range(10):
        last = sign_in(client, ["rita", "rita@acme.example"][number % 2], "wrong")
    assert last == 429


def test_a_forgotten_password_is_replaced(
    client: Client, rita: User, mail_server: MailServer
) -> None:
    assert "we sent it a link" in ask_for_link(client, "rita@acme.example")
    assert mails.send_due() == 1
    [received] = mail_server.box.mails
    assert (received["To"], received["Subject"]) == ("Rita@acme.example", "Reset your password")
    assert received.get_body(("html",)) is not None
    link = link_in(text_of(received))
    page = client.get(link, follow=True)
    form = {"password1": NEW, "password2": NEW}
    done = client.post(page.redirect_chain[-1][0], form, follow=True)
    assert "You can sign in with your new password now." in done.content.decode()
    assert "Link expired" in Client().get(link, follow=True).content.decode()
    assert sign_in(Client(), "rita", NEW) == 302
    assert mails.send_due() == 1
    assert mail_server.box.mails[1]["Subject"] == "Your password was reset"


def test_unknown_emails_get_the_same_page_and_no_mail(rita: User) -> None:
    pages = {
        re.sub(r"[A-Za-z0-9]{64}", "", ask_for_link(Client(), email))
        for email in ("nobody@acme.example", "rita@acme.example")
    }
    assert len(pages) == 1
    assert [mail.to for mail in AccountMail.objects.all()] == ["Rita@acme.example"]
    assert not outbox.outbox


def test_nobody_can_flood_a_mailbox(rita: User) -> None:
    for _ in range(mails.MOST_AN_HOUR + 3):
        ask_for_link(Client(), "rita@acme.example")
    assert AccountMail.objects.count() == mails.MOST_AN_HOUR


def test_a_former_email_resets_nothing(client: Client, rita: User) -> None:
    """An administrator changed the email, and the former one may belong to somebody else."""
    EmailAddress.objects.create(user=rita, email="old@acme.example", verified=True, primary=True)
    ask_for_link(client, "old@acme.example")
    assert not AccountMail.objects.exists()


def test_changing_the_password_ends_other_sessions(client: Client, rita: User) -> None:
    elsewhere = Client()
    assert sign_in(client, "rita", factories.PASSWORD) == 302
    assert sign_in(elsewhere, "rita", factories.PASSWORD) == 302
    form = {"oldpassword": factories.PASSWORD, "password1": NEW, "password2": NEW}
    response = client.post(reverse("account_change_password"), form, follow=True)
    assert "Password changed." in response.content.decode()
    assert elsewhere.get(reverse("profile")).status_code == 302
    assert AccountMail.objects.get().subject == "Your password was changed"


def test_a_new_email_counts_once_it_is_confirmed(
    client: Client, rita: User, mail_server: MailServer
) -> None:
    sign_in(client, "rita", factories.PASSWORD)
    page = client.post(
        reverse("account_email"), {"action_add": "", "email": "r@new.example"}, follow=True
    )
    assert "r@new.example" in page.content.decode()
    rita.refresh_from_db()
    assert rita.email == "Rita@acme.example"
    mails.send_due()
    [confirmation] = mail_server.box.mails
    assert confirmation["To"] == "r@new.example"
    client.post(link_in(text_of(confirmation)))
    rita.refresh_from_db()
    assert rita.email == "r@new.example"
    mails.send_due()
    assert mail_server.box.mails[1]["To"] == "rita@acme.example"
    assert "from rita@acme.example to r@new.example" in text_of(mail_server.box.mails[1])


def test_old_mails_are_deleted_with_their_links(rita: User) -> None:
    from smscenter.accounts.signing_in.retention import delete_old_sign_ins

    old = mails.write("totp_activated", "rita@acme.example", {})
    assert old is not None
    AccountMail.objects.update(created=old.created - timedelta(days=2), state="sent")
    delete_old_sign_ins()
    assert not AccountMail.objects.exists()
