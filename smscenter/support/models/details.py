"""The details of a whitelist request: one list for the form, the pages, the review, and the packet.

To add a detail, add a field to `WhitelistDetails` and an entry to `DETAILS`.
"""

from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models


@dataclass(frozen=True)
class Detail:
    """A field that the requester fills in. Requests need the required ones to be submitted."""

    name: str
    label: str
    help_text: str = ""
    is_required: bool = False
    # How many lines of text the form shows. With one, a line break can't be typed.
    lines: int = 1

    @property
    def is_long(self) -> bool:
        return self.lines > 1

    def value(self, row: models.Model) -> Any:
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
        lines=6,
    ),
    Detail("opted_in", "Did the recipient opt in at some point?", is_required=True),
    Detail(
        "relationship",
        "Relationship between you and the recipient",
        "For example, customers who booked with us.",
        is_required=True,
        lines=3,
    ),
    # Carriers ask for these too. They make a request stronger.
    Detail("opt_in_method", "How they opted in", "For example, a web form, by phone, or on paper."),
    Detail("opt_in_date", "When they opted in"),
    Detail("opt_in_wording", "What they agreed to, word for word", lines=2),
    Detail("opt_in_page", "Page where they opted in"),
    Detail(
        "opt_out_wording",
        "How your texts explain opting out",
        "For example, “Reply STOP to opt out.”",
        lines=2,
    ),
    Detail("volume", "Texts per month"),
)
REQUIRED = tuple(detail.name for detail in DETAILS if detail.is_required)
SUPPORTING = tuple(detail.name for detail in DETAILS if not detail.is_required)
# What a question consists of instead.
QUESTION = ("subject", "body")


class WhitelistDetails(models.Model):
    """What a whitelist request says about the texts and their recipients."""

    class OptedIn(models.TextChoices):
        YES = "yes", "Yes"
        NO = "no", "No"
        UNSURE = "unsure", "I don't know"

    website = models.URLField("website address", blank=True)
    content_type = models.CharField("type of content", max_length=200, blank=True)
    examples = models.TextField("examples of message content", max_length=10_000, blank=True)
    opted_in = models.CharField(
        "did the recipient opt in at some point", max_length=6, choices=OptedIn.choices, blank=True
    )
    relationship = models.TextField(
        "relationship between you and the recipient", max_length=2_000, blank=True
    )
    # Supporting details: carriers ask for these too.
    opt_out_wording = models.TextField(
        "how your texts explain opting out", max_length=2_000, blank=True
    )
    opt_in_method = models.CharField("how they opted in", max_length=200, blank=True)
    opt_in_date = models.DateField("when they opted in", null=True, blank=True)
    opt_in_wording = models.TextField(
        "what they agreed to, word for word", max_length=2_000, blank=True
    )
    opt_in_page = models.URLField("page where they opted in", blank=True)
    volume = models.PositiveIntegerField("texts per month", null=True, blank=True)

    class Meta:
        abstract = True

    @classmethod
    def typed(cls) -> tuple[str, ...]:
        """Return the names of the details that people type, and not only choose."""
        fields = (cls._meta.get_field(detail.name) for detail in DETAILS)
        texts = (
            field for field in fields if isinstance(field, models.CharField | models.TextField)
        )
        return tuple(field.name for field in texts if not field.choices)

    @staticmethod
    def is_complete() -> models.Q:
        """Return the condition that no required detail is empty."""
        return reduce(and_, (~models.Q((name, "")) for name in REQUIRED))

    @property
    def website_url(self) -> str:
        """Return the website if it's safe to link to. People can type anything."""
        try:
            URLValidator(schemes=["http", "https"])(self.website)
        except ValidationError:
            return ""
        return self.website

    @property
    def details(self) -> list[tuple[Detail, Any]]:
        """Return each detail with its value."""
        return [(detail, detail.value(self)) for detail in DETAILS]
