"""The columns of a list that a person chose, for the list or for one of its views."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from search.answering.list_config import ListConfig
from search.models import SavedView

SESSION_KEY = "list_columns"


def shown(request: HttpRequest, kind: ListConfig, view: SavedView | None) -> frozenset[str]:
    """Return the names of the shown columns: the person's choice, the view's, or the usual ones."""
    known = [column.name for column in kind.optional_columns]
    stored: dict[str, Any] = request.session.get(SESSION_KEY, {})
    chosen = stored.get(_key(kind.model, view))
    if chosen is None and view and view.columns:
        chosen = view.columns.split(",")
    if chosen is None:
        chosen = stored.get(_key(kind.model, None))
    if chosen is None:
        chosen = [column.name for column in kind.optional_columns if column.is_default]
    return frozenset(known) & frozenset(chosen)


def of_list(request: HttpRequest, model: str) -> str:
    """Return the columns that a person chose for a list, for a view that they save."""
    stored: dict[str, Any] = request.session.get(SESSION_KEY, {})
    return ",".join(stored.get(_key(model, None), []))


def choose(request: HttpRequest, model: str, names: Iterable[str], view: SavedView | None) -> None:
    """Store the columns: in the view if it's the person's own, otherwise in their session."""
    if view and view.owner_id == request.user.pk:
        view.columns = ",".join(names)
        view.save(update_fields=["columns"])
        return
    stored = request.session.get(SESSION_KEY, {})
    request.session[SESSION_KEY] = stored | {_key(model, view): list(names)}


def _key(model: str, view: SavedView | None) -> str:
    return f"view-{view.pk}" if view else model
