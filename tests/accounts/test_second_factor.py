"""A second factor: authenticator apps, recovery codes, and who must have one."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from smscenter.accounts.models import AccountMail, Organization, User
from tests import factories

pytestmark = pytest.mark.once

SECRET = "JBSWY3DPEHPK3PXP"


def code_now(secret: str = SECRET) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def sign_in(client: Client, name: str) -> str:
    """Return the address after entering the right password."""
    form = {"username": name, "password": factories.PASSWORD}
    return client.post(reverse("sign_in"), form).headers["Location"]


@pytest.fixture
def with_app(rep: User) -> User:
    TOTP.activate(rep, SECRET)
    RecoveryCodes.activate(rep)
    return rep


def test_setting_up_an_app(
    client: Client, rep: User, django_capture_on_commit_callbacks: Any
) -> None:
    User.objects.filter(pk=rep.pk).update(email="rita@acme.example")
    sign_in(client, "rita")
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    found = re.search(r"<code>(\w+)</code>", page)
    assert found
    assert 'src="data:image/svg+xml' in page
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert "Wrong code." in wrong.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(reverse("mfa_activate_totp"), {"code": code_now(found[1])}, follow=True)
    assert "Recovery codes" in done.content.decode()
    subjects = set(AccountMail.objects.values_list("subject", flat=True))
    assert "An authenticator app was added" in subjects
    again = Client()
    assert sign_in(again, "rita") == reverse("mfa_authenticate")
    assert again.get(reverse("home")).status_code == 302, "the password alone is not enough"


def test_signing_in_with_a_code(client: Client, with_app: User) -> None:
    assert sign_in(client, "rita") == reverse("mfa_authenticate")
    response = client.post(reverse("mfa_authenticate"), {"code": code_now()})
    assert response.headers["Location"] == reverse("home")
    assert client.get(reverse("profile")).status_code == 200


def test_a_recovery_code_works_once(with_app: User) -> None:
    codes = Authenticator.objects.get(user=with_app, type="recovery_codes").wrap()
    code = codes.get_unused_codes()[0]
    for status in (302, 200):
        client = Client()
        sign_in(client, "rita")
        assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == status


def test_a_code_of_an_app_works_once_in_all_processes(with_app: User) -> None:
    code = code_now()
    for typed, status in ((code, 302), (f"{code[:3]} {code[3:]}", 200)):
        cache.clear()  # as in another process
        client = Client()
        sign_in(client, "rita")
        assert client.post(reverse("mfa_authenticate"), {"code": typed}).status_code == status


def test_guessing_codes_locks_out_only_the_guesser(with_app: User) -> None:
    thief = Client(REMOTE_ADDR="203.0.113.5")
    for _ in range(10):
        sign_in(thief, "rita")
        last = thief.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert last.status_code == 429
    assert "Too many attempts" in last.content.decode()
    owner = Client(REMOTE_ADDR="198.51.100.7")
    sign_in(owner, "rita")
    assert owner.post(reverse("mfa_authenticate"), {"code": code_now()}).status_code == 302


@pytest.mark.parametrize("forged", ['{"id": 1}', "9" * 5_000, "[" * 50_000])
def test_what_no_browser_sends_is_a_wrong_passkey(client: Client, rep: User, forged: str) -> None:
    sent = {"credential": forged}
    url = reverse("mfa_login_webauthn")
    assert client.post(url, sent).headers["Location"] == reverse("sign_in")
    sign_in(client, "rita")
    for name in ("mfa_add_webauthn", "mfa_reauthenticate_webauthn"):
        assert client.post(reverse(name), sent).status_code < 500


def test_someone_else_can_sign_in_instead(client: Client, with_app: User) -> None:
    sign_in(client, "rita")
    client.post(reverse("sign_in_cancel"))
    assert client.get(reverse("sign_in")).status_code == 200


@pytest.mark.parametrize("who", ["staff", "member"])
def test_who_must_have_one_reaches_only_its_pages(
    client: Client, organization: Organization, settings: Settings, who: str
) -> None:
    settings.STAFF_SECOND_FACTOR = True
    if who == "staff":
        user = factories.user(None, "susan", is_staff=True, is_superuser=True)
    else:
        Organization.objects.update(requires_second_factor=True)
        user = factories.user(organization, "susan")
    sign_in(client, "susan")
    for name in ("home", "lead_list", "admin:index", "profile"):
        response = client.get(reverse(name), follow=True)
        assert response.redirect_chain[-1][0] == reverse("mfa_index"), name
        assert "Set up two-step verification to go on." in response.content.decode()
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    TOTP.activate(user, SECRET)
    assert client.get(reverse("profile")).status_code == 200


def test_important_changes_ask_again(client: Client, with_app: User) -> None:
    sign_in(client, "rita")
    client.post(reverse("mfa_authenticate"), {"code": code_now()})
    session = client.session
    session["signed_in_at"] -= 3600
    session.save()
    response = client.post(reverse("mfa_deactivate_totp"))
    assert response.headers["Location"].startswith(reverse("account_reauthenticate"))
    url = response.headers["Location"]
    assert "Confirm it's you" in client.get(url).content.decode()
    assert "Wrong password." in client.post(url, {"password": "wrong"}).content.decode()
    client.post(url, {"password": factories.PASSWORD}, follow=True)
    assert not Authenticator.objects.filter(user=with_app, type="totp").exists()


def test_a_session_ends_when_it_is_idle_or_old(
    client: Client, rep: User, settings: Settings
) -> None:
    settings.SIGN_OUT_IDLE_MINUTES, settings.SIGN_OUT_AFTER_HOURS = 30, 10
    for key, age, status in (
        ("seen_at", 29 * 60, 200),
        ("seen_at", 31 * 60, 302),
        ("signed_in_at", 9 * 3600, 200),
        ("signed_in_at", 11 * 3600, 302),
    ):
        sign_in(client, "rita")
        session = client.session
        session[key] = int(time.time()) - age
        session.save()
        assert client.get(reverse("profile")).status_code == status, (key, age)
        client.post(reverse("sign_out"))


def test_polling_does_not_keep_a_session_alive(client: Client, rep: User) -> None:
    sign_in(client, "rita")
    session = client.session
    session["seen_at"] = seen = int(time.time()) - 600
    session.save()
    client.get(reverse("notification_bell"))
    client.get(reverse("saved_view_counts"))
    assert client.session["seen_at"] == seen
    client.get(reverse("profile"))
    assert client.session["seen_at"] > seen


def test_the_list_of_sessions_signs_out_the_others(client: Client, rep: User) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36"
    elsewhere = Client(headers={"User-Agent": agent})
    sign_in(elsewhere, "rita")
    sign_in(client, "rita")
    page = client.get(reverse("usersessions_list")).content.decode()
    assert "Chrome on Windows" in page
    page = client.post(reverse("usersessions_list"), follow=True).content.decode()
    assert "Signed out everywhere else." in page
    assert elsewhere.get(reverse("profile")).status_code == 302
    assert client.get(reverse("profile")).status_code == 200
