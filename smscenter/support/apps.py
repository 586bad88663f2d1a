from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "smscenter.support"
    label = "support"
