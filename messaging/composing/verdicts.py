"""What preflight checks report about a text."""

from dataclasses import dataclass

from django.db import models

from messaging.models.reason import Reason


class Level(models.TextChoices):
    REFUSAL = "refusal", "Can't be sent"
    WARNING = "warning", "Can be sent anyway"
    QUESTION = "question", "Must be confirmed"


@dataclass(frozen=True)
class Verdict:
    """`message` is for the rep; `detail` is the bare fact behind it, such as a place.

    `excerpt` is the part of the text that it's about, with the words before and after it.
    """

    level: Level
    code: str
    message: str
    reason: Reason | None
    detail: str = ""
    excerpt: tuple[str, str, str] | None = None
