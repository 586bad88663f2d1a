"""Twilio's signatures of webhooks.

https://www.twilio.com/docs/usage/webhooks/webhooks-security and, for shared keys,
https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

HEADER = "X-Twilio-Signature"
# Only for webhooks signed with a shared key: `key=<its ID>,algorithm=<how>`.
SETTINGS_HEADER = "X-Twilio-Webhooks-Signature-Settings"

AUTH_TOKEN_ALGORITHM = "HMAC_SHA1"  # noqa: S105 - a name
DIGESTS = {AUTH_TOKEN_ALGORITHM: "sha1", "HMAC_SHA256": "sha256"}


def sign(
    secret: str,
    url: str,
    params: Mapping[str, Iterable[str]],
    algorithm: str = AUTH_TOKEN_ALGORITHM,
) -> str:
    """Return the signature of a form. Repeated values of a parameter count once."""
    pairs = [name + value for name in sorted(params) for value in sorted(set(params[name]))]
    content = "".join([url, *pairs]).encode("utf-8", "replace")
    return b64encode(hmac.digest(secret.encode(), content, DIGESTS[algorithm])).decode()


def algorithm_of(settings_header: str) -> str:
    """Return the algorithm that the header names, empty for one that we don't know."""
    if not settings_header:
        return AUTH_TOKEN_ALGORITHM
    parts = dict(part.strip().partition("=")[::2] for part in settings_header.split(","))
    algorithm = parts.get("algorithm", "").upper()
    return algorithm if algorithm in DIGESTS else ""


def spellings(url: str) -> set[str]:
    """Return the URL with and without its port. Twilio signs either."""
    parts = urlsplit(url)
    host = parts.netloc.removesuffix(f":{parts.port}")
    port = parts.port or {"https": 443, "http": 80}[parts.scheme]
    return {parts._replace(netloc=netloc).geturl() for netloc in (host, f"{host}:{port}")}


def equal(one: str, other: str) -> bool:
    """Compare two signatures in constant time, whatever characters they have."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
