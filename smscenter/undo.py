"""Undo what was deleted, canceled, or merged, with a button in the notice that reports it.

The page gets a signed token with all that it takes, so the server keeps nothing: once the page is
closed, what was deleted is gone, unless its act keeps it elsewhere.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.core import serializers, signing
from django.db import DatabaseError, models, router, transaction
from django.db.models.deletion import Collector
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from smscenter.own_urls import own_url
from smscenter.registry import Registry

MINUTE = timedelta(minutes=1)
SALT = "smscenter.undo"
TOO_LATE = "Too late to undo."


class UndoError(Exception):
    """It can't be undone. Its text says why."""


@dataclass(frozen=True)
class Act:
    """Something that can be undone for a while.

    `restore` gets the user and the data, and returns a notice. It raises UndoError.
    """

    name: str
    restore: Callable[[Any, Any], str]
    lasts: timedelta = MINUTE


# Whether a deleted row may come back: not if its person's data was erased since.
restorable: Registry[Callable[[models.Model], bool]] = Registry()
acts: Registry[Act] = Registry(key=lambda act: act.name)


@dataclass(frozen=True)
class Offer:
    """A notice of what was done, and a token that undoes it."""

    text: str
    token: str


def offer(request: HttpRequest, text: str, name: str, data: Any) -> Offer:
    """Offer to undo something, in a toast (_undo_toast.html)."""
    token = signing.dumps([request.user.pk, name, data], salt=SALT, compress=True)
    return Offer(text, token)


def notify(request: HttpRequest, made: Offer) -> None:
    """Offer it in a notice on the next page (_notices.html)."""
    messages.success(request, made.text, extra_tags=made.token)


def deletion(rows: Iterable[models.Model]) -> dict[str, Any]:
    """Return what restores rows that are about to be deleted, with all that goes with them."""
    gone: list[models.Model] = []
    links: list[list[Any]] = []
    for row in rows:
        collector = Collector(using=router.db_for_write(type(row)), origin=row)
        collector.collect([row])
        for deleted in [*collector.data.values(), *collector.fast_deletes]:
            gone += deleted
        for (field, _), parts in collector.field_updates.items():
            links += [_link(field, part) for changed in parts for part in _each(changed)]
    return {"rows": written(gone), "links": _grouped(links), "records": []}


def written(rows: Iterable[models.Model]) -> list[Any]:
    """Return rows as plain JSON, that `read` makes rows of again."""
    # Django's own JSON cuts off microseconds.
    stored: list[Any] = json.loads(json.dumps(serializers.serialize("python", rows), default=str))
    return stored


def read(stored: list[Any]) -> list[models.Model]:
    return [each.object for each in serializers.deserialize("python", stored)]


def leaving(data: dict[str, Any], record: models.Model) -> dict[str, Any]:
    """Return the data of a deletion that left a record, which goes when the rows come back."""
    return {**data, "records": [[record._meta.label, record.pk]]}


def _each(changed: Any) -> Iterable[models.Model]:
    return [changed] if isinstance(changed, models.Model) else changed


def _link(field: Any, row: models.Model) -> list[Any]:
    return [field.model._meta.label, field.attname, getattr(row, field.attname), row.pk]


def _grouped(links: list[list[Any]]) -> list[list[Any]]:
    """Return each model, field, and value with the keys of its rows."""
    groups = groupby(sorted(links), key=lambda link: link[:3])
    return [[*key, [link[3] for link in group]] for key, group in groups]


def restore_deleted(user: Any, data: dict[str, Any]) -> str:
    """Insert deleted rows again, with the same keys, so that the same token can't do it twice.

    Raises UndoError.
    """
    rows = read(data["rows"])
    if any(getattr(row, "organization_id", None) != user.organization_id for row in rows):
        raise UndoError(TOO_LATE)
    if not all(may_restore(row) for may_restore in restorable for row in rows):
        raise UndoError(TOO_LATE)
    try:
        with transaction.atomic():
            for label, pk in data["records"]:
                apps.get_model(label)._base_manager.filter(pk=pk).delete()
            for row in rows:
                row.save_base(raw=True, force_insert=True)
            for label, attname, value, pks in data["links"]:
                links = apps.get_model(label)._base_manager.filter(pk__in=pks)
                links.filter(**{attname: None}).update(**{attname: value})
    except DatabaseError as error:
        raise UndoError("Can't undo: this was changed or restored since then.") from error
    return "Restored."


acts.register(Act("deletion", restore_deleted))


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Undo what the token says, for the person who did it, and show the same page again."""
    try:
        act, data = _read(request)
        messages.success(request, act.restore(request.user, data))
    except UndoError as error:
        messages.error(request, str(error))
    return redirect(own_url(request, request.META.get("HTTP_REFERER", ""), "home"))


def _read(request: HttpRequest) -> tuple[Act, Any]:
    """Return what to undo and its data. Raise UndoError if the token is old or someone else's."""
    token = request.POST.get("token", "")
    try:
        made_for, name, data = signing.loads(token, salt=SALT)
        act = acts.by_key[name]
        signing.loads(token, salt=SALT, max_age=act.lasts)
    except signing.BadSignature as error:
        raise UndoError(TOO_LATE) from error
    if made_for != request.user.pk:
        raise UndoError(TOO_LATE)
    return act, data
