from http import HTTPStatus

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from leads.models import Lead
from smscenter.accounts.models import User
from tests import factories

pytestmark = pytest.mark.once

PASSWORD = factories.PASSWORD
REFUSAL = "Wrong username or password."


@pytest.fixture
def staff(db: None) -> User:
    return factories.user(None, "susan", is_staff=True, is_superuser=True)


def sign_in(client: Client, username: str, password: str = PASSWORD, **fields: str) -> str:
    """Return the page that the browser ends up on."""
    response = client.post(
        reverse("sign_in"), {"username": username, "password": password} | fields, follow=True
    )
    return response.content.decode()


def test_the_form_asks_for_name_and_password(client: Client, db: None) -> None:
    page = client.get(reverse("sign_in"))
    for words in ("Username", "Password", "Sign in"):
        assertContains(page, words)


def test_a_rep_lands_on_the_home_page(client: Client, lead: Lead) -> None:
    assert "<title>Home" in sign_in(client, "rita")


def test_support_staff_land_in_the_review_queue(client: Client, db: None) -> None:
    support = factories.user(None, "sven", is_staff=True)
    support.user_permissions.add(Permission.objects.get(codename="change_supportrequest"))
    assert ">Review queue</h1>" in sign_in(client, "sven")


def test_staff_land_in_the_admin(client: Client, staff: User) -> None:
    assert "Site administration" in sign_in(client, "susan")


def test_signing_in_returns_to_the_requested_page(client: Client, lead: Lead) -> None:
    response = client.get(lead.get_absolute_url())
    assertRedirects(response, f"{reverse('sign_in')}?next={lead.get_absolute_url()}")
    assert "Bluebird Bakery" in sign_in(client, "rita", next=lead.get_absolute_url())


def test_signing_in_never_redirects_to_another_site(client: Client, rep: User) -> None:
    response = client.post(
        reverse("sign_in"),
        {"username": "rita", "password": PASSWORD, "next": "https://evil.example/"},
    )
    assertRedirects(response, reverse("home"), fetch_redirect_response=False)


def test_a_signed_in_user_skips_the_form(as_rep: Client) -> None:
    assertRedirects(as_rep.get(reverse("sign_in")), reverse("home"))


@pytest.mark.parametrize(("username", "password"), [("rita", "wrong"), ("nobody", PASSWORD)])
def test_the_error_does_not_say_which_field_was_wrong(
    client: Client, rep: User, username: str, password: str
) -> None:
    assert REFUSAL in sign_in(client, username, password)


def test_a_deactivated_user_cannot_sign_in(client: Client, rep: User) -> None:
    User.objects.filter(pk=rep.pk).update(is_active=False)
    assert REFUSAL in sign_in(client, "rita")


def test_deactivating_a_user_signs_them_out_immediately(as_rep: Client, rep: User) -> None:
    User.objects.filter(pk=rep.pk).update(is_active=False)
    assertRedirects(
        as_rep.get(reverse("lead_list")), f"{reverse('sign_in')}?next={reverse('lead_list')}"
    )


def test_guessing_is_locked_out(client: Client, rep: User, settings: Settings) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        assert REFUSAL in sign_in(client, "rita", "wrong")
    assert "Too many attempts" in sign_in(client, "rita", "wrong")
    assert "Too many attempts" in sign_in(client, "rita"), "the right password is refused too"


def test_a_lockout_affects_nobody_else(
    client: Client, rep: User, colleague: User, settings: Settings
) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in(client, "rita", "wrong")
    assert "Sign out" in sign_in(client, "carl")
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert "Sign out" in sign_in(elsewhere, "rita")


def test_signing_out_requires_a_post(as_rep: Client) -> None:
    assert as_rep.get(reverse("sign_out")).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assertRedirects(as_rep.post(reverse("sign_out")), reverse("sign_in"))
    assert as_rep.get(reverse("lead_list")).status_code == HTTPStatus.FOUND


def test_the_form_requires_a_csrf_token(rep: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(reverse("sign_in"), {"username": "rita", "password": PASSWORD})
    assert response.status_code == HTTPStatus.FORBIDDEN


def test_staff_are_told_why_there_are_no_leads(client: Client, staff: User) -> None:
    client.force_login(staff)
    response = client.get(reverse("lead_list"))
    assertContains(
        response, "You're not a member of an organization", status_code=HTTPStatus.FORBIDDEN
    )
    assertNotContains(client.get("/help/"), "Leads</a>")
