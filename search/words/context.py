"""The context of a search: the user, the time, and a cache."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar, cast

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import BigIntegerField, Value
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.hashable import make_hashable

# The seconds that a search has looked so far, in its cache.
LOOKED = "looked"
Read = TypeVar("Read")


@dataclass
class SearchContext:
    """Who searches, when, and what was read so far. `now` is in the user's time zone.

    `in_group` is set for the terms inside `sms(…)`, which aren't about the rows of the list.
    """

    user: Any
    now: datetime
    cache: dict[Hashable, Any] = field(default_factory=dict)
    in_group: bool = False

    def inside(self) -> "SearchContext":
        """Return the context for the terms inside a group. It shares what was read."""
        return replace(self, in_group=True)

    @classmethod
    def of(cls, user: Any, at: datetime | None = None) -> "SearchContext":
        zone = getattr(user, "zone", None) or timezone.get_default_timezone()
        return cls(user, (at or timezone.now()).astimezone(zone))

    @property
    def organization_id(self) -> int:
        """Return the organization's ID, or 0, which none has."""
        return getattr(self.user, "organization_id", None) or 0

    @property
    def organization(self) -> Any:
        """Return the organization's ID for filters.

        PostgreSQL uses an index on (organization, words) only for a bigint, and reads a small
        literal as an int, so it's cast.
        """
        number = self.organization_id
        if connection.vendor == "postgresql":
            return Cast(Value(number), BigIntegerField())
        return number

    def once(self, key: object, read: Callable[[], Read]) -> Read:
        """Return the result of `read`, which runs at most once per search."""
        key = make_hashable(key)  # parameters of a query may be lists
        if key not in self.cache:
            self.cache[key] = read()
        return cast("Read", self.cache[key])

    def for_another_query(self) -> "SearchContext":
        """Return a context for another query of the same user and time, with a copied cache."""
        own = {"terms", LOOKED}
        read = {key: value for key, value in self.cache.items() if key not in own}
        return SearchContext(self.user, self.now, read)

    def colleagues(self) -> list[Any]:
        """Return all users of the organization, including inactive ones, who still own leads."""
        members = get_user_model()._default_manager.filter(organization_id=self.organization_id)
        return self.once("colleagues", lambda: list(members.order_by("id")))

    def saved_views(self, model: str) -> list[Any]:
        """Return the saved views of a model that this user can see, in their order."""
        views = _saved_view_model()._default_manager.visible_to(self.user).filter(model=model)
        return self.once(("views", model), lambda: list(views))

    def saved_view(self, model: str, name: str) -> Any | None:
        """Return the view with this name, regardless of case: the user's own before shared ones."""
        named = [view for view in self.saved_views(model) if view.name.lower() == name.lower()]
        return min(named, key=lambda view: (view.shared, view.pk), default=None)

    def can_save_views(self, model: str) -> bool:
        return bool(_saved_view_model().can_be_of(model, self.user))


def _saved_view_model() -> Any:
    """Look up the model by name: the package is imported before any model is."""
    return apps.get_model("search.SavedView")
