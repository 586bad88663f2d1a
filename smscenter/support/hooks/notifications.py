"""What support notifies people of: every change of a request."""

from typing import Any

from smscenter.notifications.kinds import Kind, MailChoice, kinds
from smscenter.support.mail import letters
from smscenter.support.models.states import is_reviewer


def _register(name: str, label: str, **options: Any) -> None:
    """Register a kind of notification about requests. Each is mailed alone, and at once."""
    kinds.register(
        Kind(
            name,
            label,
            "shield-check",
            letters.describe,
            too_many="More than 100 changes of requests in an hour",
            mail=MailChoice.EACH,
            desktop=True,
            keep_mail=letters.keep_mail,
            **{"all_page": "request_list"} | options,
        )
    )


_register(letters.QUESTION, "Questions from support")
_register(letters.DECISION, "Decisions on your requests")
_register(letters.REVOKED, "Revoked whitelistings", settings_of=letters.DECISION)
_register(letters.EXPIRED, "Expired whitelistings", settings_of=letters.DECISION)
_register(letters.UPDATE, "Other changes to your requests")
_register(
    letters.ASSIGNED,
    "Replies and comments on requests assigned to you",
    all_page="review_queue",
    is_for=is_reviewer,
)
