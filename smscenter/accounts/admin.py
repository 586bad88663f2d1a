from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from smscenter.accounts.models import Organization, User


@admin.register(Organization)
class OrganizationAdmin(admin.ModelAdmin[Organization]):
    list_display = ["name", "slug", "time_zone"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(User)
class MemberAdmin(UserAdmin[User]):
    list_display = ["username", "first_name", "last_name", "organization", "role", "is_staff"]
    list_filter = ["role", "is_staff", "is_active"]
    list_select_related = ["organization"]
    autocomplete_fields = ["organization"]
    fieldsets = [
        *(UserAdmin.fieldsets or ()),
        ("SMS Center", {"fields": ["organization", "role", "time_zone"]}),
    ]
    add_fieldsets = [
        *UserAdmin.add_fieldsets,
        ("SMS Center", {"fields": ["organization", "role", "is_staff"]}),
    ]
