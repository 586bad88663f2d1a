"""What a column of a file can be: a field of leads, or a column that another app adds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from leads.models import CustomField, LeadImport, LeadStatus
from smscenter.accounts.models import User
from smscenter.registry import Registry


class CellError(ValueError):
    """A value can't be imported. `code` is the kind of problem, and the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Context:
    """What the values of a file are read with: the organization's own words."""

    region: str
    zone: ZoneInfo
    statuses: dict[str, LeadStatus] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)

    @classmethod
    def of(cls, job: LeadImport) -> "Context":
        organization = job.organization
        by = job.created_by
        return cls(
            region=(organization.regions or ["US"])[0],
            zone=by.zone if by and by.organization_id == organization.pk else organization.zone,
            statuses={
                row.label.casefold(): row
                for row in LeadStatus.objects.visible_in(organization.pk).reverse()
            },
            people=_people(User.objects.filter(organization=organization, is_active=True)),
        )


def _people(members: Iterable[User]) -> dict[str, User]:
    """Return members by their names, usernames, and email addresses."""
    found: dict[str, User] = {}
    for member in members:
        for name in (member.get_full_name(), member.email, member.username):
            if name:
                found[name.casefold()] = member
    return found


Clean: TypeAlias = Callable[[str, Context], Any]


@dataclass(frozen=True)
class Column:
    """Something that a column of the file can be.

    `clean` returns the value to store, or raises CellError. `names` are the headers of such columns
    in files, the best first. `looks_like` tells whether values without a header are such values.
    With `is_many`, several columns of a file can be this, and `clean` returns a list.
    """

    key: str
    label: str
    clean: Clean
    names: tuple[str, ...] = ()
    group: str = "Lead"
    is_many: bool = False
    looks_like: Callable[[str], bool] | None = None


@dataclass
class Problem:
    """Something in a row that can't be imported. `column` is its position in the file."""

    code: str
    message: str
    column: int | None = None
    value: str = ""
    is_fatal: bool = False


@dataclass
class Parsed:
    """A row of the file, with its values by the key of the column."""

    number: int
    values: dict[str, Any]
    problems: list[Problem]

    @property
    def is_rejected(self) -> bool:
        return any(problem.is_fatal for problem in self.problems)


# A row with a number in it, and the phone numbers (E.164) in it, are what other apps store.
Store: TypeAlias = Callable[[LeadImport, User, list[Parsed]], None]


@dataclass(frozen=True)
class ColumnGroup:
    """Columns that another app adds to imports of leads.

    `check` adds problems about several values of a row. `store` runs in the transaction of the
    batch, so it happens exactly once.
    """

    name: str
    columns: tuple[Column, ...]
    check: Callable[[Parsed], None]
    store: Store


column_groups: Registry[ColumnGroup] = Registry(key=lambda group: group.name)

NEW = "new:"
NEW_KINDS = {
    kind.value: kind.label
    for kind in (CustomField.Kind.TEXT, CustomField.Kind.NUMBER, CustomField.Kind.DATE)
}
