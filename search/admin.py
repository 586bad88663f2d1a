from django.contrib import admin
from django.http import HttpRequest

from search.forms import SavedViewForm
from search.models import SavedView


@admin.register(SavedView)
class SavedViewAdmin(admin.ModelAdmin[SavedView]):
    """Users create views next to the search box. Admins can fix broken ones here."""

    form = SavedViewForm
    fields = ["organization", "owner", "model", "name", "query", "shared"]
    readonly_fields = ["organization", "owner", "model"]
    list_display = ["name", "query", "model", "shared", "owner", "organization"]
    list_filter = ["model", "shared", "organization"]
    list_select_related = ["owner", "organization"]
    search_fields = ["name", "query", "owner__username", "organization__name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
