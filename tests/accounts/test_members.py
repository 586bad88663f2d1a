"""Owners invite people, change their roles, and let them go."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from leads.models import Lead
from smscenter.accounts import mails
from smscenter.accounts.members import invitations
from smscenter.accounts.members.invitations import token_of
from smscenter.accounts.models import Invitation, User
from tests import factories
from tests.html import html_of
from tests.signing_in import sign_in_now
from tests.support.mail_server import MailServer, text_of

pytestmark = pytest.mark.once

PASSWORD = "purple battery staple"


@pytest.fixture
def owner(rep: User) -> User:
    User.objects.filter(pk=rep.pk).update(role=User.Role.OWNER, first_name="Rita")
    rep.refresh_from_db()
    return rep


@pytest.fixture
def as_owner(client: Client, owner: User) -> Client:
    return sign_in_now(client, owner)


def invite(client: Client, emails: str, role: str = "rep") -> str:
    form = {"emails": emails, "role": role}
    return client.post(reverse("member_invite"), form, follow=True).content.decode()


def resent(client: Client, url: str) -> str:
    return client.post(url, follow=True).content.decode()


def post(client: Client, page: str, member: User, **form: Any) -> str:
    url = reverse(page, args=[member.pk])
    return client.post(url, form, follow=True).content.decode()


def test_an_invited_person_joins(as_owner: Client, mail_server: MailServer) -> None:
    assert "Invited 2 people." in invite(as_owner, "Ada@acme.example, bo@acme.example", "manager")
    assert mails.send_due() == 2
    received = mail_server.box.mails[0]
    assert received["Subject"] == "Rita invited you to Acme"
    link = re.search(r"http://127.0.0.1:8000(/invitation/\S+)", text_of(received))
    assert link
    ada = Client()
    assert "Join Acme" in ada.get(link[1]).content.decode()
    form = {"first_name": "Ada", "last_name": "Byron", "password": "short"}
    assert "too short" in ada.post(link[1], form).content.decode()
    page = ada.post(link[1], form | {"password": PASSWORD}, follow=True)
    assert page.redirect_chain == [(reverse("home"), 302)]
    assert "Welcome to Acme." in page.content.decode()
    user = User.objects.get(email="ada@acme.example")
    assert (user.username, user.role, str(user)) == ("ada", "manager", "Ada Byron")
    assert "was used before" in Client().get(link[1]).content.decode()
    assert "bo@acme.example" in as_owner.get(reverse("member_list")).content.decode()


def test_a_link_ends_with_its_invitation(as_owner: Client) -> None:
    invite(as_owner, "ada@acme.example")
    row = Invitation.objects.get()
    first = reverse("invitation_accept", args=[token_of(row)])
    as_owner.post(reverse("invitation_resend", args=[row.pk]))
    row.refresh_from_db()
    second = reverse("invitation_accept", args=[token_of(row)])
    assert [Client().get(url).status_code for url in (first, second)] == [404, 200]
    as_owner.post(reverse("invitation_withdraw", args=[row.pk]))
    assert Client().get(second).status_code == 404
    Invitation.objects.update(withdrawn=None, sent="2026-01-01T12:00Z")
    row.refresh_from_db()
    late = reverse("invitation_accept", args=[token_of(row)])
    assert Client().get(late).status_code == 404


def test_nobody_floods_mailboxes(as_owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    invite(as_owner, "ada@acme.example")
    row = Invitation.objects.get()
    resend = reverse("invitation_resend", args=[row.pk])
    for _ in range(4):
        assert "Sent ada@acme.example a new link." in resent(as_owner, resend)
    row.refresh_from_db()
    last = reverse("invitation_accept", args=[token_of(row)])
    assert "too many invitations to the same address" in resent(as_owner, resend)
    assert "Join Acme" in Client().get(last).content.decode()  # the last link still works

    monkeypatch.setattr(invitations, "MOST_A_DAY", 2)
    assert "Your organization can invite 2 people" in invite(
        as_owner, "bo@acme.example, c@d.example"
    )
    assert "Invited 1 person." in invite(as_owner, "bo@acme.example")


def test_wrong_addresses_are_named_and_none_is_invited(as_owner: Client, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(email="rita@acme.example")
    page = invite(as_owner, "ada@acme.example RITA@acme.example nonsense")
    assert "rita@acme.example is already a member." in page
    assert "“nonsense” isn&#x27;t an email address." in page
    assert not Invitation.objects.exists()


def test_an_account_elsewhere_is_only_told_to_its_owner(as_owner: Client, stranger: User) -> None:
    User.objects.filter(pk=stranger.pk).update(email="sam@rival.example")
    assert "Invited 1 person." in invite(as_owner, "sam@rival.example")
    url = reverse("invitation_accept", args=[token_of(Invitation.objects.get())])
    assert "already has an account" in Client().get(url).content.decode()


def test_managers_invite_nobody_above_themselves(as_rep: Client, rep: User) -> None:
    User.objects.filter(pk=rep.pk).update(role=User.Role.MANAGER)
    assert "from the list." in invite(as_rep, "ada@acme.example", "owner")


def test_the_last_owner_stays(as_owner: Client, owner: User, colleague: User) -> None:
    for page, form in (
        ("member_role", {"role": "rep"}),
        ("member_deactivate", {}),
        ("member_remove", {}),
    ):
        assert "is the only owner." in post(as_owner, page, owner, **form)
    owner.refresh_from_db()
    assert (owner.role, owner.is_active) == ("owner", True)
    assert "is now owner." in post(as_owner, "member_role", colleague, role="owner")
    assert "is now manager." in post(as_owner, "member_role", owner, role="manager")


def test_a_leaving_members_leads_go_to_a_colleague(
    as_owner: Client, owner: User, colleague: User
) -> None:
    lead = factories.lead(colleague)
    theirs = Client()
    theirs.force_login(colleague)
    page = html_of(as_owner.get(reverse("member_deactivate", args=[colleague.pk])))
    assert "Reassign 1 lead to" in page
    assert "was deactivated." in post(as_owner, "member_deactivate", colleague, to=owner.pk)
    assert Lead.objects.get(pk=lead.pk).owner == owner
    assert theirs.get(reverse("profile")).status_code == 302
    assert "can sign in again" in post(as_owner, "member_reactivate", colleague)
    assert "was removed." in post(as_owner, "member_remove", colleague)
    colleague.refresh_from_db()
    assert (colleague.is_active, colleague.email) == (False, "")
    assert "carl" not in as_owner.get(reverse("member_list")).content.decode()


def test_500_members_are_searched_and_paged(as_owner: Client, owner: User) -> None:
    User.objects.bulk_create(
        User(username=f"u{n}", first_name=f"Nr{n:03}", organization=owner.organization)
        for n in range(500)
    )
    page = as_owner.get(reverse("member_list")).content.decode()
    assert "501 members" in page
    assert "Page 1 of 11" in page
    page = as_owner.get(reverse("member_list"), {"q": "nr499"}).content.decode()
    assert "Nr499" in page
    assert "1 found" in page


def test_requiring_two_step_verification_asks_for_the_password(as_owner: Client) -> None:
    session = as_owner.session
    session["signed_in_at"] -= 3600
    session.save()
    response = as_owner.post(reverse("member_second_factor"), {"required": "on"})
    assert response.headers["Location"].startswith(reverse("account_reauthenticate"))
    page = as_owner.post(
        response.headers["Location"], {"password": factories.PASSWORD}, follow=True
    )
    assert page.redirect_chain[-1][0] == reverse("mfa_index"), "the owner must set it up now"
