"""Codes of authenticator apps and recovery codes work once, however many processes there are.

django-allauth remembers an app's codes in the cache, which each process has its own of, and two
processes can use a recovery code at the same moment.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction

from smscenter.accounts.models import User

# An app's codes are valid for some periods before and after theirs.
VALID_SECONDS = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)


@contextmanager
def codes_in_turn(user: User) -> Iterator[None]:
    """Check one code of a user at a time. What's stored about a wrong one stays."""
    refused = None
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        try:
            yield
        except ValidationError as error:
            refused = error
    if refused:
        raise refused


def is_first_use(authenticator: Authenticator, code: str) -> bool:
    """Remember the right code of an app while it's valid. Return whether it's new."""
    if authenticator.type != Authenticator.Type.TOTP:
        return True
    digits, now = "".join(filter(str.isdigit, code)), time.time()
    used = {
        earlier: until
        for earlier, until in authenticator.data.get("used", {}).items()
        if until > now
    }
    authenticator.data["used"] = used | {digits: now + VALID_SECONDS}
    authenticator.save(update_fields=["data"])
    return digits not in used
