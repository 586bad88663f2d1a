from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.db.models import F, Max, Q, UniqueConstraint
from django.utils import timezone

from smscenter.accounts.models import Owned, OwnedQuerySet, User

ORDER = ["position", "name", "id"]


class MessageTemplateQuerySet(OwnedQuerySet["MessageTemplate"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return the organization's templates and the user's own."""
        return super().visible_to(user).filter(Q(owner=None) | Q(owner=user.pk))

    def usable_by(self, user: User) -> Self:
        """Return the templates that the composer offers, the user's own before shared ones."""
        rows = self.visible_to(user).filter(archived=None)
        return rows.order_by(F("owner").asc(nulls_last=True), *ORDER)

    def beside(self, template: "MessageTemplate") -> Self:
        """Return the list that a template is in: its owner's, or the organization's shared ones."""
        return self.filter(organization=template.organization_id, owner=template.owner_id)


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
    position = models.PositiveSmallIntegerField(default=0, db_default=0)
    archived = models.DateTimeField(
        null=True, blank=True, help_text="The composer doesn't offer archived templates."
    )

    objects = MessageTemplateQuerySet.as_manager()

    class Meta:
        ordering = ORDER
        constraints = [
            UniqueConstraint(
                fields=["organization", "name"], condition=Q(owner=None), name="template_name"
            ),
            UniqueConstraint(fields=["owner", "name"], name="template_own_name"),
            UniqueConstraint(fields=["id", "organization"], name="template_organization"),
        ]

    def __str__(self) -> str:
        return self.name

    def is_editable_by(self, user: User) -> bool:
        """Return whether this user can change it: its owner, or a manager if it's shared."""
        if user.organization_id != self.organization_id:
            return False
        if self.owner_id is None:
            return user.has_perm("messaging.change_shared_templates")
        return self.owner_id == user.pk

    def put_last(self) -> None:
        """Give it the last position in its list, without saving."""
        rows = MessageTemplate.objects.beside(self)
        self.position = (rows.aggregate(last=Max("position"))["last"] or 0) + 1

    def move(self, step: int) -> None:
        """Move it by one, up (-1) or down (1), among the templates in use in its list."""
        with transaction.atomic():
            rows = MessageTemplate.objects.beside(self).filter(archived=None)
            templates = list(rows.select_for_update())
            index = templates.index(self) if self in templates else -1
            if index >= 0 and 0 <= index + step < len(templates):
                templates.insert(index + step, templates.pop(index))
            for position, template in enumerate(templates, start=1):
                template.position = position
            MessageTemplate.objects.bulk_update(templates, ["position"])

    @transaction.atomic
    def archive(self) -> None:
        self.archived = timezone.now()
        self.save(update_fields=["archived"])

    @transaction.atomic
    def restore(self) -> None:
        self.archived = None
        self.put_last()
        self.save(update_fields=["archived", "position"])
