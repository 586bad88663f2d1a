from django.conf import settings
from django.db import models
from django.db.models import UniqueConstraint

from smscenter.accounts.models import Owned, OwnedQuerySet


class MessageTemplateQuerySet(OwnedQuerySet["MessageTemplate"]):
    """Rows that start from `visible_to`."""


class MessageTemplate(Owned):
    """A saved text with placeholders, such as `{{ contact.first_name|there }}`."""

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

    objects = MessageTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            UniqueConstraint(fields=["organization", "name"], name="template_name"),
            UniqueConstraint(fields=["id", "organization"], name="template_organization"),
        ]

    def __str__(self) -> str:
        return self.name
