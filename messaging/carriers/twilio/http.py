"""How the SDK reaches the carrier: one pool of connections for all threads of a worker."""

from collections.abc import Mapping
from logging import getLogger
from ssl import SSLCertVerificationError
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from twilio.http import HttpClient
from twilio.http.response import Response
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from messaging.carriers import CarrierError

logger = getLogger("twilio.http_client")

# A worker sends a batch with 20 threads; web processes need fewer.
CONNECTIONS = 32


def pooled_session(*, trust_env: bool = True) -> requests.Session:
    """`trust_env` lets proxies and certificates be set by the usual environment variables."""
    session = requests.Session()
    session.trust_env = trust_env
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=CONNECTIONS))
    return session


class PooledHttpClient(HttpClient):  # type: ignore[misc]
    """Replaces the SDK's own, which keeps the last response on itself and returns it from there:
    shared by threads it hands one thread the answer that another one got.

    `base` is (what URLs begin with, what they shall begin with instead).
    """

    def __init__(
        self,
        session: requests.Session,
        *,
        timeout: float,
        headers: Mapping[str, str] | None = None,
        base: tuple[str, str] = ("", ""),
    ) -> None:
        super().__init__(logger, is_async=False, timeout=timeout)
        self.session = session
        self.headers = headers or {}
        self.base = base

    def request(
        self,
        method: str,
        uri: str,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **options: Any,
    ) -> Response:
        """Raises CarrierError when no answer came."""
        try:
            answer = self.session.request(
                method,
                uri.replace(*self.base, 1),
                headers={**(headers or {}), **self.headers},
                timeout=timeout or self.timeout,
                **options,
            )
        except requests.RequestException as error:
            raise CarrierError(
                "", ambiguous=may_have_arrived(error), raw={"fault": repr(error)}
            ) from error
        return Response(answer.status_code, answer.text, answer.headers)


def may_have_arrived(error: requests.RequestException) -> bool:
    """Whether the carrier may have read the request: true unless no connection was ever made."""
    cause = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(cause, NewConnectionError | ConnectTimeoutError):
        return False
    return not any(
        isinstance(part, SSLCertVerificationError) for part in getattr(cause, "args", ())
    )
