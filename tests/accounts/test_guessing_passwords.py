"""Password guessing locks out the client that guesses, and nobody else."""

import re
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from smscenter.accounts.models import User
from tests import factories

pytestmark = pytest.mark.once

PROXY = "10.0.0.2"
STRANGER, MANAGER = "203.0.113.5", "198.51.100.7"
TOO_MANY = "Too many attempts"


@pytest.fixture(autouse=True)
def low_limits(settings: Settings) -> None:
    """Allow few attempts, because each is a request."""
    settings.AXES_FAILURE_LIMIT = 3
    settings.SIGN_IN_NAMES_PER_CLIENT = 6


@pytest.fixture
def behind_a_proxy(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1


@pytest.fixture
def manager(rep: User) -> User:
    assert rep.organization is not None
    return factories.user(rep.organization, "manager")


def sign_in(username: str, password: str, forwarded: str, url: str = "") -> Any:
    """Post the form through the proxy, which adds the address it saw to what it was sent."""
    client = Client(REMOTE_ADDR=PROXY, headers={"X-Forwarded-For": forwarded})
    return client.post(url or reverse("sign_in"), {"username": username, "password": password})


def guess(times: int, username: str, forwarded: str, url: str = "") -> Any:
    return [sign_in(username, f"wrong {n}", forwarded, url) for n in range(times)][-1]


def is_locked(response: Any) -> bool:
    return bool(response.status_code == 429)


@pytest.mark.usefixtures("behind_a_proxy")
def test_a_stranger_cannot_lock_out_a_manager(manager: User, settings: Settings) -> None:
    assert is_locked(guess(settings.AXES_FAILURE_LIMIT, "manager", STRANGER))
    assert is_locked(sign_in("manager", factories.PASSWORD, STRANGER))
    assert sign_in("manager", factories.PASSWORD, MANAGER).status_code == 302


def test_the_admin_has_no_sign_in_of_its_own(manager: User) -> None:
    response = sign_in("manager", factories.PASSWORD, MANAGER, reverse("admin:login"))
    assert response["Location"] == "/sign-in/?next=/admin/"
    client = Client()
    client.force_login(manager)
    assert client.get(reverse("admin:login")).status_code == 403


@pytest.mark.usefixtures("behind_a_proxy")
def test_many_strangers_cannot_lock_out_a_manager(manager: User, settings: Settings) -> None:
    for number in range(settings.AXES_FAILURE_LIMIT + 1):
        guess(2, "manager", f"203.0.113.{number}")
    assert sign_in("manager", factories.PASSWORD, MANAGER).status_code == 302


@pytest.mark.usefixtures("behind_a_proxy")
@pytest.mark.parametrize(
    "forged",
    [
        "{n}.{n}.{n}.{n}, ",
        "198.51.100.7, ",
        "unknown, junk{n}, ",
        ", , ",
        "198.51.100.{n},",
        "' {n}, ",
    ],
)
def test_a_forged_header_does_not_make_a_new_client(
    manager: User, settings: Settings, forged: str
) -> None:
    for number in range(settings.AXES_FAILURE_LIMIT):
        last = guess(1, "manager", forged.format(n=number) + STRANGER)
    assert is_locked(last)
    assert sign_in("manager", factories.PASSWORD, MANAGER).status_code == 302


def test_the_header_is_ignored_without_a_proxy(manager: User, settings: Settings) -> None:
    for number in range(settings.AXES_FAILURE_LIMIT):
        last = guess(1, "manager", f"203.0.113.{number}")
    assert is_locked(last)
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {PROXY}


@pytest.mark.usefixtures("behind_a_proxy")
def test_an_ipv6_64_network_is_one_client(manager: User, settings: Settings) -> None:
    for number in range(settings.AXES_FAILURE_LIMIT):
        last = guess(1, "manager", f"2001:db8:1:2:{number:x}::1")
    assert is_locked(last)
    assert sign_in("manager", factories.PASSWORD, "2001:db8:1:3::1").status_code == 302


@pytest.mark.usefixtures("behind_a_proxy")
def test_one_client_can_try_only_a_few_usernames(manager: User, settings: Settings) -> None:
    tried = range(settings.SIGN_IN_NAMES_PER_CLIENT + 3)
    responses = [sign_in(f"name{number}", "spring2026", STRANGER) for number in tried]
    assert not is_locked(responses[settings.SIGN_IN_NAMES_PER_CLIENT - 2])
    assert all(is_locked(each) for each in responses[settings.SIGN_IN_NAMES_PER_CLIENT - 1 :])
    assert is_locked(sign_in("manager", factories.PASSWORD, STRANGER))
    assert sign_in("manager", factories.PASSWORD, MANAGER).status_code == 302


@pytest.mark.usefixtures("behind_a_proxy")
def test_one_client_can_make_only_a_few_guesses(manager: User, settings: Settings) -> None:
    settings.SIGN_IN_FAILURES_PER_CLIENT = 5
    for name in ("ada", "bo", "cy"):
        last = guess(settings.AXES_FAILURE_LIMIT - 1, name, STRANGER)
    assert is_locked(last)
    assert AccessAttempt.objects.count() == 3


@pytest.mark.usefixtures("behind_a_proxy")
def test_an_office_behind_one_address_can_keep_working(manager: User, settings: Settings) -> None:
    for number in range(settings.SIGN_IN_NAMES_PER_CLIENT // 2):
        guess(2, f"colleague{number}", STRANGER)
    assert is_locked(guess(settings.AXES_FAILURE_LIMIT, "colleague", STRANGER))
    assert sign_in("manager", factories.PASSWORD, STRANGER).status_code == 302


@pytest.mark.usefixtures("behind_a_proxy")
def test_signing_in_clears_only_your_own_failures(manager: User, settings: Settings) -> None:
    names = settings.SIGN_IN_NAMES_PER_CLIENT - 2
    for number in range(names):
        sign_in(f"name{number}", "spring2026", STRANGER)
    guess(2, "manager", STRANGER)
    guess(2, "manager", MANAGER)
    assert sign_in("manager", factories.PASSWORD, STRANGER).status_code == 302
    attempts = AccessAttempt.objects.values_list("username", "ip_address")
    assert attempts.filter(ip_address=STRANGER).exclude(username="manager").count() == names
    assert list(attempts.filter(username="manager")) == [("manager", MANAGER)]


@pytest.mark.usefixtures("behind_a_proxy")
def test_an_open_session_cannot_guess_the_password(client: Client, manager: User) -> None:
    """The page that changes a password asks for the current one."""
    client.force_login(manager)
    url, new = reverse("account_change_password"), "a new horse 1"
    form = {"password1": new, "password2": new}
    for _ in range(3):
        last = client.post(url, {**form, "oldpassword": "wrong"})
    assert is_locked(last)
    assert is_locked(client.post(url, {**form, "oldpassword": factories.PASSWORD}))
    manager.refresh_from_db()
    assert not manager.check_password(new)


def test_the_page_says_when_to_try_again(manager: User, settings: Settings) -> None:
    guess(settings.AXES_FAILURE_LIMIT, "manager", STRANGER)
    began = timezone.now() - timedelta(minutes=9, seconds=30)
    AccessAttempt.objects.update(attempt_time=began)
    response = sign_in("manager", factories.PASSWORD, STRANGER)
    assert TOO_MANY in response.text
    assert "Try again in 6 minutes." in re.sub(r"<[^>]+>", "", response.text)
    assert 300 < int(response.headers["Retry-After"]) <= 330


@pytest.mark.usefixtures("behind_a_proxy")
def test_attempts_during_a_lockout_do_not_extend_it(manager: User, settings: Settings) -> None:
    guess(settings.AXES_FAILURE_LIMIT, "manager", STRANGER)
    began = timezone.now() - timedelta(minutes=14)
    AccessAttempt.objects.update(attempt_time=began)
    assert is_locked(guess(3, "manager", STRANGER))
    AccessAttempt.objects.update(attempt_time=began - timedelta(minutes=1, seconds=1))
    assert sign_in("manager", factories.PASSWORD, STRANGER).status_code == 302


def test_force_login_needs_no_address(rep: User) -> None:
    """Commands and tests sign people in without a browser."""
    client = Client()
    client.force_login(get_user_model().objects.get(pk=rep.pk))
    assert client.get(reverse("lead_list")).status_code == 200
