from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "smscenter.notifications"
    label = "notifications"
