from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class LeadsConfig(AppConfig):
    name = "leads"

    def ready(self) -> None:
        # Each app can add activities and panels to the lead page: see leads/page.py.
        autodiscover_modules("lead_page")
