"""Who searches, when, and what was read for this search."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import BigIntegerField, Value
from django.db.models.functions import Cast
from django.utils import timezone

Read = TypeVar("Read")


@dataclass
class SearchContext:
    """`now` is in the time zone in which this person reads times."""

    user: Any
    now: datetime
    cache: dict[Hashable, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, user: Any, at: datetime | None = None) -> "SearchContext":
        zone = getattr(user, "zone", None) or timezone.get_default_timezone()
        return cls(user, (at or timezone.now()).astimezone(zone))

    @property
    def organization(self) -> Any:
        """The organization's id as a literal for filters.

        An index on (organization, words) is used for a bigint only, and PostgreSQL takes a small
        number for an int.
        """
        number = getattr(self.user, "organization_id", None) or 0
        if connection.vendor == "postgresql":
            return Cast(Value(number), BigIntegerField())
        return number

    def once(self, key: Hashable, read: Callable[[], Read]) -> Read:
        """What `read` answers, asked at most once in this search."""
        if key not in self.cache:
            self.cache[key] = read()
        return cast("Read", self.cache[key])

    def for_another_query(self) -> "SearchContext":
        """Return the same person at the same moment for another query, with what was read."""
        read = {key: value for key, value in self.cache.items() if key != "terms"}
        return SearchContext(self.user, self.now, read)

    def colleagues(self) -> list[Any]:
        """All users of the organization, former ones too: their leads are still theirs."""
        members = get_user_model()._default_manager.filter(
            organization_id=getattr(self.user, "organization_id", None) or 0
        )
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
