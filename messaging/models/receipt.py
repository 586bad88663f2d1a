from django.db import models


class Receipt(models.TextChoices):
    """What the carrier claimed last, which may be wrong."""

    NONE = "", "Nothing yet"
    ACCEPTED = "accepted", "Accepted by the carrier"
    DELIVERED = "delivered", "The carrier reported delivery"
    FAILED = "failed", "The carrier reported a failure"
