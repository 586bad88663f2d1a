from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "smscenter.exports"
    label = "exports"
