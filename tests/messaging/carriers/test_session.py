"""Requests to carriers go through the proxy that the environment names."""

from collections.abc import Iterator

import pytest

from messaging.carriers import CarrierError
from messaging.carriers.session import BoundedSession
from tests.messaging.carriers.contract.small_server import Reply, SmallServer, http

URL = "http://carrier.example/texts"


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallServer]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with SmallServer() as server:
        yield server


def test_a_request_goes_through_the_proxy(
    proxy: SmallServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url.replace("http://", "me:p%40ss@"))
    assert BoundedSession().request("GET", URL, timeout=5).status == 204
    (request,) = proxy.requests
    assert request.target == URL
    assert request.headers["proxy-authorization"] == "Basic bWU6cEBzcw=="


def test_a_tunnel_that_the_proxy_refuses_is_not_ambiguous(
    proxy: SmallServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("all_proxy", proxy.url)
    proxy.always(http(407))
    with pytest.raises(CarrierError) as failed:
        BoundedSession().request("POST", URL.replace("http:", "https:"), timeout=5)
    assert not failed.value.ambiguous
    assert [request.method for request in proxy.requests] == ["CONNECT"]


@pytest.mark.parametrize("no_proxy", ["", "127.0.0.1"])
def test_hosts_without_a_proxy_are_asked_directly(
    proxy: SmallServer, monkeypatch: pytest.MonkeyPatch, no_proxy: str
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", no_proxy)
    session = BoundedSession(use_proxy=bool(no_proxy))
    with SmallServer() as carrier:
        carrier.always(http(200, b"{}"))
        assert session.request("GET", f"{carrier.url}/texts", timeout=5).json() == {}
        assert [request.target for request in carrier.requests] == ["/texts"]
    assert proxy.requests == []


def test_an_interim_response_is_not_the_answer(proxy: SmallServer) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    proxy.always(Reply(interim + http(200, b"{}").content))
    assert BoundedSession().request("GET", f"{proxy.url}/", timeout=5).status == 200
