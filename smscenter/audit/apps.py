from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "smscenter.audit"
    label = "audit"
