from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SmsCenterConfig(AppConfig):
    name = "smscenter"

    def ready(self) -> None:
        from smscenter import checks  # noqa: F401

        # What each app adds to the others' pages, searches, and jobs: see docs/extend.md.
        autodiscover_modules("hooks")
