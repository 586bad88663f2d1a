from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin
from django.db.models.signals import pre_migrate
from django.utils.module_loading import autodiscover_modules


class SmsCenterConfig(AppConfig):
    default = True
    name = "smscenter"

    def ready(self) -> None:
        from smscenter import checks  # noqa: F401 - registered
        from smscenter.database import schema

        # Only sent for apps with models, and this one has none.
        pre_migrate.connect(schema.refuse_outdated, sender=apps.get_app_config("accounts"))
        # What each app adds to the others' pages, searches, and jobs: see docs/extend.md.
        autodiscover_modules("hooks")


class AdministrationConfig(admin.AdminConfig):
    default = False
    default_site = "smscenter.administration.Administration"
