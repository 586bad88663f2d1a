from django.conf import settings
from django.db import models
from django.db.models import UniqueConstraint

from smscenter.accounts.models import Owned, OwnedQuerySet


class MessageTemplate(Owned):
    """A saved text. `{contact}`, `{lead}` and `{user}` stand for names."""

    name = models.CharField(max_length=80)
    text = models.TextField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Leave empty to share it with the organization.",
    )

    objects = OwnedQuerySet["MessageTemplate"].as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            UniqueConstraint(fields=["organization", "name"], name="template_name"),
            UniqueConstraint(fields=["id", "organization"], name="template_organization"),
        ]

    def __str__(self) -> str:
        return self.name
