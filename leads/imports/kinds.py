"""What can be imported. Each kind says which columns it has, and what its rows do."""

from collections.abc import Callable
from dataclasses import dataclass

from leads.imports.columns import Column, Parsed
from leads.models import ImportRow, LeadImport
from smscenter.accounts.models import User
from smscenter.registry import Registry


@dataclass
class Tally:
    """How many rows of a batch do what, or would."""

    added: int = 0
    merged: int = 0
    skipped: int = 0


@dataclass(frozen=True)
class ImportKind:
    """A kind of import.

    `check` adds problems about a whole row. `plan` returns what rows would do, and `store` does it,
    in the transaction of their batch. A file needs one of the `required` columns. `page` is where
    its imports begin.
    """

    name: LeadImport.Kind
    noun: str
    page: str
    required: frozenset[str]
    columns: Callable[[LeadImport], list[Column]]
    check: Callable[[Parsed], None]
    plan: Callable[[LeadImport, list[Parsed]], Tally]
    store: Callable[[LeadImport, User, list[Parsed]], tuple[Tally, list[ImportRow]]]


import_kinds: Registry[ImportKind] = Registry(key=lambda kind: kind.name)


def kind_of(job: LeadImport) -> ImportKind:
    return import_kinds.by_key[LeadImport.Kind(job.kind)]
