from django.db import models


class Receipt(models.TextChoices):
    """What the carrier last reported, which may be wrong."""

    NONE = "", "No report yet"
    ACCEPTED = "accepted", "Accepted by carrier"
    DELIVERED = "delivered", "Reported as delivered"
    FAILED = "failed", "Reported as failed"
