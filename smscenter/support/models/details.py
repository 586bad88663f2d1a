"""The details of a whitelist request: one list for the form, the pages, the review, and the packet.

To add a detail, add a field to `SupportRequest` and an entry here.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Model


@dataclass(frozen=True)
class Detail:
    """A field that the requester fills in. Requests need the required ones to be submitted."""

    name: str
    label: str
    help_text: str = ""
    is_required: bool = False
    # Several lines of text.
    is_long: bool = False

    def value(self, row: Model) -> Any:
        """Return the value, or its label if the field has choices."""
        display = getattr(row, f"get_{self.name}_display", None)
        return display() if display else getattr(row, self.name)


DETAILS = (
    Detail(
        "website",
        "Website address",
        "Of the business that sends these texts.",
        is_required=True,
    ),
    Detail(
        "content_type",
        "Type of content",
        "For example, appointment reminders, replies to inquiries, or offers.",
        is_required=True,
    ),
    Detail(
        "examples",
        "Examples of message content",
        "Exactly as you send them.",
        is_required=True,
        is_long=True,
    ),
    Detail("opted_in", "Did the recipient opt in at some point?", is_required=True),
    Detail(
        "relationship",
        "Relationship between you and the recipient",
        "For example, customers who booked with us.",
        is_required=True,
        is_long=True,
    ),
    # Carriers ask for these too. They make a request stronger.
    Detail("opt_in_method", "How they opted in", "For example, a web form, by phone, or on paper."),
    Detail("opt_in_date", "When they opted in"),
    Detail("opt_in_wording", "What they agreed to, word for word", is_long=True),
    Detail("opt_in_page", "Page where they opted in"),
    Detail(
        "opt_out_wording",
        "How your texts explain opting out",
        "For example, “Reply STOP to opt out.”",
        is_long=True,
    ),
    Detail("volume", "Texts per month"),
)
REQUIRED = tuple(detail.name for detail in DETAILS if detail.is_required)
SUPPORTING = tuple(detail.name for detail in DETAILS if not detail.is_required)
# What a question consists of instead.
QUESTION = ("subject", "body")
