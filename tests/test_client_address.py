"""The client address of a request can't be forged."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.http import HttpRequest
from pytest_django import Settings

from smscenter.checks import check_proxies
from smscenter.client_address import client_address


def address(forwarded: str | None, peer: str = "10.0.0.2") -> str:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = peer
    if forwarded is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    return client_address(request)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.5", "10.0.0.2"),
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "198.51.100.7, 203.0.113.5", "203.0.113.5"),
        (1, "198.51.100.7,198.51.100.8,203.0.113.5", "203.0.113.5"),
        (2, "203.0.113.5, 10.0.0.1", "203.0.113.5"),
        (2, "198.51.100.7, 203.0.113.5, 10.0.0.1", "203.0.113.5"),
        # Too few or unreadable entries: never the address that the client sent.
        (2, "198.51.100.7", "10.0.0.2"),
        (1, None, "10.0.0.2"),
        (1, "", "10.0.0.2"),
        (1, "198.51.100.7,", "10.0.0.2"),
        (1, "198.51.100.7, unknown", "10.0.0.2"),
        (1, "198.51.100.7, 203.0.113.5.example", "10.0.0.2"),
        (2, "198.51.100.7, junk, 10.0.0.1", "10.0.0.2"),
        (1, "198.51.100.7, 203.0.113.999", "10.0.0.2"),
        (1, "198.51.100.7, " + "1" * 5_000, "10.0.0.2"),
        # Formats of load balancers.
        (1, "203.0.113.5:54321", "203.0.113.5"),
        (1, "[2001:db8:1:2::9]:443", "2001:db8:1:2::"),
        (1, "::ffff:203.0.113.5", "203.0.113.5"),
        (1, "2001:DB8:1:2:ffff:1:2:3", "2001:db8:1:2::"),
        (1, "fe80::1%eth0", "fe80::"),
    ],
)
def test_only_trusted_proxies_set_the_address(
    settings: Settings, proxies: int, forwarded: str | None, expected: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert address(forwarded) == expected


@pytest.mark.parametrize("peer", ["", "unix:"])
def test_a_request_without_an_address_gets_a_default(settings: Settings, peer: str) -> None:
    assert address("203.0.113.5", peer) == "0.0.0.0"
    settings.TRUSTED_PROXIES = 1
    assert address("203.0.113.5", peer) == "203.0.113.5"


def test_the_deployment_check_requires_trusted_proxies(settings: Settings) -> None:
    settings.HTTPS = True
    with pytest.raises(SystemCheckError, match="TRUSTED_PROXIES is 0"):
        call_command("check", "--deploy", "--fail-level", "WARNING")
    settings.TRUSTED_PROXIES = 1
    assert check_proxies() == []
