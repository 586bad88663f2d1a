"""Admin pages for rows of organizations. They stay fast with millions of rows."""

from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, URLField
from django.http import HttpRequest
from django.utils.functional import cached_property

from smscenter.accounts.widgets import AdminWebAddressInput

_Row = TypeVar("_Row", bound=Model)
Names = list[str] | tuple[str, ...]

# Never count a whole table. To find rows beyond these, search or filter.
MOST_COUNTED = 10_000


class BoundedPaginator(Paginator[Any]):
    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most MOST_COUNTED."""
        rows: Any = self.object_list
        return int(rows.order_by()[:MOST_COUNTED].count())


class LargeTableAdmin(admin.ModelAdmin[_Row]):
    """Sort newest first only: a click on a column head would sort a million rows."""

    ordering = ["-pk"]
    sortable_by = ()
    list_per_page = 50
    paginator = BoundedPaginator
    show_full_result_count = False
    formfield_overrides: ClassVar[dict[Any, Any]] = {URLField: {"widget": AdminWebAddressInput}}


class OwnedForm(forms.ModelForm[Any]):
    """Require that all related rows belong to the row's organization, which never changes."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        organization = cleaned.get("organization")
        owner = organization.pk if organization else self.instance.organization_id
        for name, value in list(cleaned.items()):
            if owner and getattr(value, "organization_id", None) not in {None, owner}:
                self.add_error(name, "This belongs to another organization.")
        return cleaned


class OwnedAdmin(LargeTableAdmin[_Row]):
    form = OwnedForm
    autocomplete_fields: ClassVar[Names] = ["organization"]
    list_select_related: ClassVar[bool | Names] = ["organization"]

    def get_readonly_fields(self, request: HttpRequest, obj: _Row | None = None) -> list[str]:
        fixed = ["organization"] if obj else []
        return [*super().get_readonly_fields(request, obj), *fixed]


class HistoryAdmin(LargeTableAdmin[_Row]):
    """Read-only history: rows can't be added, changed, or deleted by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: _Row | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: _Row | None = None) -> bool:
        return False


class AppendOnlyAdmin(HistoryAdmin[_Row]):
    """Rows that staff can add, but not change or delete."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)
