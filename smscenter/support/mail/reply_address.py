"""The address that a person's replies about a request go to: `reply+12-7.<signature>@host`.

The signature is the proof that the address came from us. A mail server may change its letters to
lowercase, and allows 64 characters before the @, so it's shorter than Django's own.
"""

import re

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils.crypto import salted_hmac

from smscenter.support.models import SupportRequest

SIGNATURE = 32  # hexadecimal digits: 128 bits
TOKEN = re.compile(r"(\d{1,10})-(\d{1,10})")


class AddressSigner(Signer):
    """Sign with lowercase letters and digits."""

    def signature(self, value: str | bytes, key: str | bytes | None = None) -> str:
        digest = salted_hmac(self.salt, value, key or self.key, algorithm="sha256")
        return digest.hexdigest()[:SIGNATURE]


def of(person: int, support_request: SupportRequest) -> str:
    """Return a person's address for replies, or an empty string if replies are off."""
    if not settings.REPLY_EMAIL:
        return ""
    name, _, domain = settings.REPLY_EMAIL.partition("@")
    return f"{name}+{_signer().sign(f'{support_request.pk}-{person}')}@{domain}"


def read(address: str) -> tuple[int, int] | None:
    """Return the request and the person that an address is for, by ID; None if it isn't ours."""
    name, _, domain = settings.REPLY_EMAIL.lower().partition("@")
    local, _, host = address.lower().rpartition("@")
    if not name or host != domain or not local.startswith(f"{name}+"):
        return None
    try:
        token = TOKEN.fullmatch(_signer().unsign(local.removeprefix(f"{name}+")))
    except BadSignature:
        return None
    return (int(token[1]), int(token[2])) if token else None


def _signer() -> AddressSigner:
    return AddressSigner(sep=".", salt="smscenter.support.reply_address")
