"""The admin's index: our tables first, and at the end those of libraries that people use."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest

# Groups with permissions, wrong passwords, and authenticators.
SIGNING_IN = ("auth", "axes", "mfa")
# Emails being changed, sessions, and finished tasks: only the libraries read and write them.
HIDDEN = ("account", "usersessions", "django_tasks_database")


class Administration(AdminSite):
    site_header = site_title = "SMS Center administration"

    def get_app_list(
        self,
        request: HttpRequest,
        app_label: str | None = None,
    ) -> list[dict[str, Any]]:
        shelves = super().get_app_list(request, app_label)
        if app_label is not None:
            return shelves
        own = [shelf for shelf in shelves if shelf["app_label"] not in {*SIGNING_IN, *HIDDEN}]
        others = [shelf for shelf in shelves if shelf["app_label"] in SIGNING_IN]
        if not others:
            return own
        tables = [model for shelf in others for model in shelf["models"]]
        return [*own, others[0] | {"name": "Signing in", "models": tables}]
