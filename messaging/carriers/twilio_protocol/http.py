"""How the SDK reaches the carrier: one pool of connections for all threads of a worker."""

from collections.abc import Mapping
from datetime import timedelta
from logging import WARNING, getLogger
from ssl import SSLCertVerificationError
from typing import Any

import requests
from twilio.http import HttpClient
from twilio.http.response import Response
from urllib3.exceptions import NewConnectionError

from messaging.carriers import CarrierError
from messaging.carriers.deadlines import Deadline
from messaging.carriers.retry_after import retry_after
from messaging.carriers.session import BoundedSession

logger = getLogger("twilio.http_client")
# The SDK logs request bodies, which contain phone numbers and texts.
logger.setLevel(WARNING)


def pooled_session(*, trust_env: bool = True) -> BoundedSession:
    """Return a session. `trust_env` takes proxies and certificates from the environment."""
    session = BoundedSession()
    session.trust_env = trust_env
    return session


class PooledHttpClient(HttpClient):  # type: ignore[misc]
    """Share one session among threads.

    The SDK's own client keeps the last response on itself and returns it from there, so that one
    thread gets the response of another.

    `base` is a pair: the beginning of URLs, and its replacement. `timeout` applies to the whole
    request, and no request begins after `begin_by`.
    """

    def __init__(
        self,
        session: BoundedSession,
        *,
        timeout: float,
        begin_by: Deadline | None = None,
        headers: Mapping[str, str] | None = None,
        base: tuple[str, str] = ("", ""),
    ) -> None:
        super().__init__(logger, is_async=False, timeout=timeout)
        self.session = session
        self.begin_by = begin_by
        self.headers = headers or {}
        self.base = base
        # How long the last response asked us to wait. There's one client for each text.
        self.retry_after = timedelta()

    def request(
        self,
        method: str,
        uri: str,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **options: Any,
    ) -> Response:
        """Send a request. Raises CarrierError without a response, TooLateError after `begin_by`."""
        try:
            answer = self.session.request(
                method,
                uri.replace(*self.base, 1),
                headers={**(headers or {}), **self.headers},
                timeout=timeout or self.timeout,
                begin_by=self.begin_by,
                **options,
            )
        except requests.RequestException as error:
            raise CarrierError(
                "", ambiguous=may_have_arrived(error), raw={"fault": repr(error)}
            ) from error
        self.retry_after = retry_after(answer.headers)
        return Response(answer.status_code, answer.text, answer.headers)


def may_have_arrived(error: requests.RequestException) -> bool:
    """Return whether the carrier may have read the request: not if we never connected."""
    if isinstance(error, requests.ConnectTimeout):
        return False
    cause = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(cause, NewConnectionError):
        return False
    return not any(
        isinstance(part, SSLCertVerificationError) for part in getattr(cause, "args", ())
    )
