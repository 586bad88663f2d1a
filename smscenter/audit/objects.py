"""The models whose edits are recorded, by any form and by the admin. Apps register their own."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Model
from django.urls import reverse

from smscenter.registry import Registry

# Stands for values that aren't stored, such as what a note says.
HIDDEN = "(hidden)"


@dataclass(frozen=True)
class Audited:
    """A model whose rows people add, change, and delete, and the fields to record.

    Only that `hidden` fields changed is recorded, not what they say. Sentences call a row by its
    `noun` and `name`, and by the row that it's `about`, such as a contact's lead, whose page shows
    it, after a `preposition`. With `is_named`, the name says enough. `page` is the URL name of a
    row's own page. `actions` are what adding, changing, and deleting a row means, empty for
    nothing. Rows that `skip` is true for aren't recorded.
    """

    model: type[Model]
    noun: str
    fields: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    page: str = ""
    is_named: bool = False
    about: Callable[[Any], Model] | None = None
    preposition: str = "of"
    name: Callable[[Any], str] = str
    actions: tuple[str, str, str] = ("added", "changed", "deleted")
    skip: Callable[[Any], bool] = lambda _row: False

    def phrase(self, row: Model, former: Model | None = None) -> str:
        """Return what sentences call a row: Bluebird Bakery, contact Ada of Bluebird Bakery.

        With `former`, it has the name that it had before.
        """
        name = self.name(former or row)
        if self.is_named:
            return name
        own = f"{self.noun} {name}".strip()
        if self.about is None:
            return own
        return f"{own} {self.preposition} {describe(self.about(row)).phrase}"


audited: Registry[Audited] = Registry(key=attrgetter("model"))


class About(NamedTuple):
    """What sentences call a row, and the row whose page shows it."""

    phrase: str
    kind: str
    pk: int | None


def describe(row: Model) -> About:
    known = audited.by_key.get(type(row))
    if known is None:
        return About(f"{row._meta.verbose_name} {row}", str(row._meta.verbose_name), key_of(row))
    _, kind, pk = describe(known.about(row)) if known.about else ("", known.noun, key_of(row))
    return About(known.phrase(row), kind, pk)


def key_of(row: Model) -> int | None:
    """Return the row's key. Sessions, which have texts as keys, have none here."""
    return row.pk if isinstance(row.pk, int) else None


def kinds() -> list[str]:
    """Return the nouns that records have as their `kind`."""
    return sorted({each.noun for each in audited if each.about is None})


def url_of(kind: str, pk: int | None) -> str:
    """Return the address of a row's page, or an empty string."""
    page = next((each.page for each in audited if each.noun == kind and each.page), "")
    return reverse(page, args=[pk]) if page and pk is not None else ""
