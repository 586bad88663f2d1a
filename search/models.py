from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Index, Q, UniqueConstraint, When
from django.db.models.functions import Lower

from search.words import vocabulary

ORDER = ["position", "name", "id"]


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: Any) -> Self:
        """Return the user's own views and those that colleagues share.

        Colleagues are in the same organization, or all those who search across organizations.
        """
        models = SavedView.models_for(user)
        organization = getattr(user, "organization_id", None) or 0
        return self.of(user.pk, organization, models) if models else self.none()

    def of(self, user: int, organization: int, models: Iterable[str]) -> Self:
        own = Q(organization=organization) | Q(organization=None)
        return self.filter(own, Q(owner=user) | Q(shared=True), model__in=models)

    def own_first(self, user: Any) -> Self:
        """Order views as shown: the user's own views first, so that others don't hide them."""
        shared = Case(When(owner=user, then=0), default=1)
        return self.order_by(shared, *ORDER)


class SavedView(models.Model):
    """A query with a name. Other queries refer to it by `in:"name"`."""

    class Model(models.TextChoices):
        LEAD = "lead", "Leads"
        MESSAGE = "message", "Messages"
        REQUEST = "request", "Requests"

    # None for rows of all organizations, which support staff search.
    organization = models.ForeignKey(
        "accounts.Organization",
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    name = models.CharField(max_length=80)
    model = models.CharField(max_length=10, choices=Model.choices, default=Model.LEAD)
    query = models.TextField(max_length=10_000, blank=True)
    shared = models.BooleanField(default=False, help_text="Visible to all colleagues.")
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
                name="saved_view_model", condition=Q(model__in=["lead", "message", "request"])
            ),
            models.CheckConstraint(
                name="saved_view_organization",
                condition=Q(model="request", organization=None)
                | (~Q(model="request") & Q(organization__isnull=False)),
            ),
        ]
        indexes = [Index(fields=["organization", "model", "position"], name="saved_view_order")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def can_be_of(cls, model: str, user: Any) -> bool:
        """Return whether this user can save views of a model: if they can search its rows."""
        return model in cls.Model.values and vocabulary.get(model).is_available_to(user)

    @classmethod
    def models_for(cls, user: Any) -> tuple[str, ...]:
        return tuple(model.value for model in cls.Model if cls.can_be_of(model, user))

    @classmethod
    def of(cls, model: str, user: Any) -> Self:
        """Return a new view of a model, which belongs to the user and their organization."""
        organization = None if model == cls.Model.REQUEST else user.organization_id
        return cls(model=model, owner=user, organization_id=organization)
