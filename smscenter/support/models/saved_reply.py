from django.db import models
from django.db.models import Q, UniqueConstraint
from django.db.models.functions import Lower

from smscenter.support.models.states import LONGEST_NOTE


class SavedReply(models.Model):
    """A text that support staff insert into what they write to requesters, with placeholders.

    It belongs to the installation, like its support staff.
    """

    name = models.CharField(max_length=80)
    text = models.TextField(max_length=LONGEST_NOTE)

    class Meta:
        verbose_name_plural = "saved replies"
        ordering = [Lower("name"), "id"]
        constraints = [
            UniqueConstraint(
                Lower("name"),
                name="saved_reply_name",
                violation_error_message="There's already a saved reply with this name.",
            ),
            models.CheckConstraint(name="saved_reply_filled", condition=~Q(name="") & ~Q(text="")),
        ]

    def __str__(self) -> str:
        return self.name
