from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Index, Q, UniqueConstraint, When
from django.db.models.functions import Lower

ORDER = ["position", "name", "id"]


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: Any) -> Self:
        """Return the user's own views and those that colleagues share."""
        organization = getattr(user, "organization_id", None)
        if not organization:
            return self.none()
        return self.filter(Q(owner=user) | Q(shared=True), organization_id=organization)

    def own_first(self, user: Any) -> Self:
        """Order views as shown: the user's own views first, so that others don't hide them."""
        shared = Case(When(owner=user, then=0), default=1)
        return self.select_related("owner").order_by(shared, *ORDER)


class SavedView(models.Model):
    """A query with a name. Other queries refer to it by `in:"name"`."""

    class Model(models.TextChoices):
        LEAD = "lead", "Leads"
        MESSAGE = "message", "Messages"

    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    name = models.CharField(max_length=80)
    model = models.CharField(max_length=10, choices=Model.choices, default=Model.LEAD)
    query = models.TextField(max_length=10_000, blank=True)
    shared = models.BooleanField(
        default=False, help_text="Visible to everyone in your organization."
    )
    columns = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="Names, with commas."
    )
    position = models.PositiveSmallIntegerField(default=0)
    created = models.DateTimeField(auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ORDER
        constraints = [
            UniqueConstraint("owner", "model", Lower("name"), name="saved_view_name"),
            models.CheckConstraint(name="saved_view_has_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="saved_view_model", condition=Q(model__in=["lead", "message"])
            ),
        ]
        indexes = [Index(fields=["organization", "model", "position"], name="saved_view_order")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def can_be_of(cls, model: str, user: Any) -> bool:
        """Return whether this user can save views of a model. Views belong to an organization."""
        return model in cls.Model.values and bool(getattr(user, "organization_id", None))
